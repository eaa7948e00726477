import { type CallLimit, PASSED, type Verdict } from './call-limit';

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
    if (typeof verdict === 'number') this.#note(verdict);
    else void verdict.then((decided) => this.#note(decided));
    return PASSED;
  }

  giveBack(passedAtMs: number): void {
    this.#limit.giveBack(passedAtMs);
  }

  #note(verdict: Verdict): void {
    if (verdict > 0) this.#onRefusal();
  }
}
