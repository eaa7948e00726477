/** Hundredths of a retry: what each first call adds, what is there at first, and the most that is kept. */
const SHARE = 8;
const RETRY = 100;
const RESERVE = 10 * RETRY;

/**
 * Bounds what retries add to the load of one dependency: of many calls that all fail at most 8 in a hundred are sent again,
 * beside a reserve of ten for what fails now and then. As Finagle's and gRPC's retry budgets: every call adds a share of a
 * retry, every retry takes a whole one. A count of attempts alone would multiply the load just when there is too much.
 */
export class RetryBudget {
  #hundredths = RESERVE;

  /** A call is sent for the first time. */
  deposit(): void {
    this.#hundredths = Math.min(RESERVE, this.#hundredths + SHARE);
  }

  /** Whether one that failed may be sent again; then that is counted. */
  withdraw(): boolean {
    if (this.#hundredths < RETRY) return false;
    this.#hundredths -= RETRY;
    return true;
  }
}
