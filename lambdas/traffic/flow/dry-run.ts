import { type CallLimit, PASSED, PASSED_UNCOUNTED, type Verdict } from './call-limit';

/** A limit on trial: it counts as it would, and lets everything pass. */
export class DryRun implements CallLimit {
  readonly #limit: CallLimit;
  readonly #onRefusal: () => void;

  constructor(limit: CallLimit, onRefusal: () => void) {
    this.#limit = limit;
    this.#onRefusal = onRefusal;
  }

  take(nowMs: number, mostWaitMs: number): Verdict {
    const verdict = this.#limit.take(nowMs, mostWaitMs);
    if (typeof verdict === 'number') return this.#noted(verdict);
    void verdict.then((decided) => this.#noted(decided));
    // Nobody waits to learn whether it was counted.
    return PASSED_UNCOUNTED;
  }

  giveBack(passedAtMs: number): void {
    this.#limit.giveBack(passedAtMs);
  }

  /** What it would have refused has taken nothing: given back, it would let another one pass. */
  #noted(verdict: Verdict): Verdict {
    if (verdict <= 0) return PASSED;
    this.#onRefusal();
    return PASSED_UNCOUNTED;
  }
}
