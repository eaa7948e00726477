import { type Clock, unavailable } from '../core';

interface Call {
  readonly endsAtMs: number;
  readonly reject: (error: Error) => void;
}

/**
 * Ends calls that take too long, with one timer for all of them, because each may take equally long. A timer that fires
 * says only that time has passed, perhaps because this process stood still: answers that lie in the socket by then are
 * read before anything is given up.
 */
export class CallTimeouts {
  readonly #what: string;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  /** In the order in which they end. */
  readonly #calls = new Set<Call>();
  #isArmed = false;

  /** @param what does not answer, for people: it stands in errors */
  constructor(what: string, timeoutMs: number, clock: Clock) {
    this.#what = what;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  /** `reject` is called with Problem UNAVAILABLE, unless the call is said to be over before. */
  begin(reject: (error: Error) => void): Call {
    const call = { endsAtMs: this.#clock.monotonicMs() + this.#timeoutMs, reject };
    this.#calls.add(call);
    if (!this.#isArmed) this.#arm(this.#timeoutMs);
    return call;
  }

  over(call: Call): void {
    this.#calls.delete(call);
  }

  #arm(delayMs: number): void {
    this.#isArmed = true;
    // What is awaited keeps its connection open, which keeps the process; this alone must not.
    setTimeout(() => setImmediate(() => this.#sweep()), delayMs).unref();
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#isArmed = false;
    for (const call of this.#calls) {
      if (call.endsAtMs > nowMs) {
        this.#arm(Math.ceil(call.endsAtMs - nowMs));
        return;
      }
      this.#calls.delete(call);
      call.reject(unavailable(`${this.#what} did not answer in time`));
    }
  }
}
