import type { Region } from '../../../topology';
import type { AlgorithmName, Ask, Decision } from './algorithms';
import type { Limit } from './limit';

/** What an environment knows of the time that has passed on a limit's own clock, by its own monotonic one. */
export interface Sighting {
  /** The clock that was seen: one that was made anew is another. */
  readonly bornUs: number;
  /** What it showed. */
  readonly seenUs: number;
  /** So much has passed since, at least and at most. */
  readonly leastUs: number;
  readonly mostUs: number;
}

export interface Take extends Omit<Ask, 'nowUs'> {
  readonly key: string;
  readonly algorithm: AlgorithmName;
  readonly limit: Limit;
  readonly sighting: Sighting | undefined;
}

export interface Taken extends Omit<Decision<unknown>, 'state'> {
  /** The limit's clock, as this step has seen it. */
  readonly bornUs: number;
  readonly nowUs: number;
}

/**
 * Where limits are counted: in each region a store that runs an algorithm in one step, on a clock that goes on with the
 * store's own. That one may step: back it stops the limit's clock, and forward it is believed only as far as a sighting allows.
 */
export interface LimitStore {
  /** @throws when the store of that region does not answer in time */
  take(region: Region, take: Take): Promise<Taken>;
}
