import type { Arbiter } from '../arbiter';
import { EventSources, isToConsume } from '../sync';
import type { Environment } from './environment';

/** This region's event sources, following what was decided. */
export interface FollowingSources {
  /** @throws if the arbiter or Lambda does not answer */
  follow(): Promise<void>;
  close(): void;
}

export function openEventSources({ config, log }: Environment, { decisions }: Arbiter): FollowingSources {
  const sources = new EventSources({ region: config.region, endpoints: config.endpoints, log });
  return {
    async follow() {
      const [accepted, units] = await Promise.all([decisions.acceptedSwitches(), decisions.units()]);
      const values = new Map(accepted.map(({ name, value }) => [name, value]));
      await sources.follow((target) => isToConsume(target, values, units));
    },
    close: () => sources.close(),
  };
}
