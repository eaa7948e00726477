import type { Limit } from '../limit';

/** What is asked of a limit. Times are whole microseconds on a clock that never goes back. */
export interface Ask {
  readonly nowUs: number;
  /** Calls that would pass; fewer may be granted. Below 0: so many that were granted have not passed, and are given back. */
  readonly wanted: number;
  /** How long the last of them could wait for its turn, where calls wait. */
  readonly mostWaitUs: number;
}

export interface Decision<State> {
  readonly state: State;
  /** Below 0: so many were taken back. */
  readonly granted: number;
  /** How long the first of them waits for its turn; the others follow at the pace of the limit. */
  readonly waitUs: number;
  /** Where nothing was granted: when to ask again. */
  readonly retryAfterUs: number;
  /** How long what was granted may be kept; later it would be of another window. */
  readonly goodForUs: number;
}

/** One step of an algorithm: state in, decision out. What was never asked has no state. */
export type Algorithm<State> = (limit: Limit, state: State | undefined, ask: Ask) => Decision<State>;

export function decision<State>(
  state: State,
  {
    granted,
    waitUs = 0,
    retryAfterUs,
    goodForUs = Number.POSITIVE_INFINITY,
  }: Partial<Decision<State>> & {
    readonly granted: number;
    readonly retryAfterUs: number;
  },
): Decision<State> {
  return { state, granted, waitUs, retryAfterUs: granted === 0 ? retryAfterUs : 0, goodForUs };
}
