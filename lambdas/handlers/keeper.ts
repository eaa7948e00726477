import type { Region } from '../../topology';
import type { Arbiter } from '../arbiter';
import { knownToBeIll } from '../failover';
import { Keeper, openParameterStore, type ParameterStore, type RequestUnit, type Switches } from '../switches';
import type { Environment } from './environment';

/** What keeps the switches, and what has to be closed with it. */
export interface OpenKeeper {
  readonly keeper: Keeper;
  close(): void;
}

export function openKeeper(
  { config, clock, log }: Environment,
  arbiter: Arbiter,
  switches: Switches,
  requestUnit: RequestUnit,
): OpenKeeper {
  const { stage, endpoints } = config;
  const store = (region: Region): ParameterStore =>
    openParameterStore({ region, stage, ...(endpoints.aws === undefined ? {} : { endpoint: endpoints.aws }) });
  const stores = { A: store('A'), B: store('B') };
  const { decisions, audit } = arbiter;
  return {
    keeper: new Keeper({
      decisions,
      audit,
      stores,
      requestUnit,
      publish: () => switches.publish(),
      ill: () => knownToBeIll(arbiter, config.region),
      clock,
      log,
    }),
    close() {
      stores.A.close();
      stores.B.close();
    },
  };
}
