import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, Log } from '../core';

/**
 * Runs `round` again and again until `forMs` have passed or `stop` is called. A round that throws is logged and the
 * next one tries again: a schedule that gave up would be started again only a minute later. Runs that overlap in one
 * environment share its rounds: one begins when none has begun for a whole rhythm, whichever run comes first.
 */
export class Rounds {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #beganAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: { clock: Clock; log: Log }) {
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  async run(rhythm: { everyMs: number; forMs: number }, round: () => Promise<void>): Promise<void> {
    const endsAtMs = this.#clock.monotonicMs() + rhythm.forMs;
    while (!this.#stopping.signal.aborted && this.#clock.monotonicMs() < endsAtMs) {
      if (this.#dueInMs(rhythm) <= 0) {
        this.#beganAtMs = this.#clock.monotonicMs();
        await round().catch((error: Error) => this.#log.warn('a round failed', { error }));
      }
      const restMs = Math.max(0, this.#dueInMs(rhythm));
      await pause(restMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  #dueInMs({ everyMs }: { everyMs: number }): number {
    return this.#beganAtMs + everyMs - this.#clock.monotonicMs();
  }

  /** Ends the runs of this environment after their round. */
  stop(): void {
    this.#stopping.abort();
  }
}
