import type { Source } from './source';

/** A call passes, maybe after a wait that is over 0 only where calls queue. */
export const PASSED = 0;
/** A call passes, and there is nothing of it to be given back. */
export const PASSED_UNCOUNTED = Number.NEGATIVE_INFINITY;

/**
 * What a limit says to a call: 0 lets it pass, a positive number is in how many milliseconds it may be worth coming again, and a
 * negative one is the milliseconds after which it may pass. A number, because each call asks for one.
 */
export type Verdict = number;

/** A limit as one environment applies it. */
export interface CallLimit {
  /** @param mostWaitMs how long the call can wait for its turn */
  take(nowMs: number, mostWaitMs: number): Verdict | Promise<Verdict>;
  /**
   * A call that had passed was refused elsewhere.
   *
   * @param passedAtMs not later than it passed here, on the monotonic clock
   */
  giveBack(passedAtMs: number): void;
}

/** The regions' shares of a limit: the own one first, then what the other region has not used. */
export type Sources = readonly Source[];
