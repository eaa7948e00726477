import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../core';

/** Leaves a database alone for as long as it was busy with us: half of its time is the most that we take. */
export class Pace {
  readonly #clock: Clock;
  #freeAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    const waitMs = this.#freeAtMs - this.#clock.monotonicMs();
    if (waitMs > 0) await pause(waitMs);
    const beganAtMs = this.#clock.monotonicMs();
    try {
      return await work();
    } finally {
      const endedAtMs = this.#clock.monotonicMs();
      this.#freeAtMs = endedAtMs + (endedAtMs - beganAtMs);
    }
  }
}
