import type { Clock } from '../core';

/** How long a transition has certainly waited, told from what others have recorded and from this environment's clock. */
export class Waiting {
  readonly #clock: Clock;
  #epoch: number | undefined;
  #baseMs = 0;
  #sinceMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be told at each look, after the decision has been read: what it records had passed by then. */
  look(epoch: number, recordedMs: number): void {
    if (epoch === this.#epoch && recordedMs <= this.ms()) return;
    this.#epoch = epoch;
    this.#baseMs = recordedMs;
    this.#sinceMs = this.#clock.monotonicMs();
  }

  ms(): number {
    return this.#baseMs + this.#clock.monotonicMs() - this.#sinceMs;
  }
}
