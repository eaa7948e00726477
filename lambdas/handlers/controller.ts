import type { DomainName } from '../../topology';
import type { Arbiter } from '../arbiter';
import { control, type Hands, noteLeaving } from '../failover';
import type { Keeper, RequestUnit } from '../switches';
import { WorkQueue } from '../sync';
import type { Environment } from './environment';

/** The controller of this region. */
export interface OpenController {
  /** @throws Problem UNAVAILABLE where the arbiter does not answer */
  look(): Promise<void>;
  close(): void;
}

/** @param moveUnit refuses, and says so in the audit, where a unit cannot be moved or nobody wants that it moves by itself */
export function openController(
  { config, clock, log }: Environment,
  { arbiter, keeper, moveUnit }: { arbiter: Arbiter; keeper: Keeper; moveUnit: RequestUnit },
): OpenController {
  const { region, endpoints } = config;
  const queue = new WorkQueue({ queue: `failover-${region}`, region, endpoints });
  const hands: Hands = {
    async move({ unit, to, because }, actor) {
      const answer = await moveUnit(unit, { writer: to, mode: 'database' }, actor);
      log.warn('a unit is to move', { unit, to, because, accepted: answer.accepted });
    },
    async turn({ name, value, because }, actor) {
      // A list that a domain leaves is to be put back as it was.
      if (name.startsWith('search/')) {
        await noteLeaving(arbiter.decisions, { list: name, value: value as readonly DomainName[] });
      }
      const ordered = await keeper.order(name, value, { actor, because: `${sentence(because)}.` });
      log.warn('the controller turned a switch', { switch: name, because, accepted: ordered.accepted });
    },
    async readmit({ domain }) {
      await queue.put(JSON.stringify({ kind: 'readmit', domain }));
    },
  };
  return {
    look: () => control({ arbiter, region, clock, log, hands }),
    close: () => queue.close(),
  };
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
