import type { Clock } from '../../core';
import { type CallLimit, PASSED, type Sources, type Verdict } from './call-limit';

/**
 * A limit whose calls wait for their turn. Each call asks for one, because turns that are fetched ahead would pass unused;
 * while nobody who can wait as long has been given one, none asks.
 */
export class QueueLimit implements CallLimit {
  readonly #sources: Sources;
  readonly #clock: Clock;

  constructor({ sources, clock }: { sources: Sources; clock: Clock }) {
    this.#sources = sources;
    this.#clock = clock;
  }

  take(nowMs: number, mostWaitMs: number): Verdict | Promise<Verdict> {
    const retryMs = this.#soonestMs(mostWaitMs) - nowMs;
    return retryMs > 0 ? Math.ceil(retryMs) : this.#ask(mostWaitMs);
  }

  /** Its turn passes unused. */
  giveBack(): void {}

  async #ask(mostWaitMs: number): Promise<Verdict> {
    for (const source of this.#sources) {
      if (this.#clock.monotonicMs() < source.emptyUntilMs(mostWaitMs)) continue;
      const { calls, waitMs } = await source.take(1, mostWaitMs);
      if (calls > 0) return waitMs === 0 ? PASSED : -waitMs;
    }
    return Math.max(1, Math.ceil(this.#soonestMs(mostWaitMs) - this.#clock.monotonicMs()));
  }

  #soonestMs(mostWaitMs: number): number {
    return Math.min(...this.#sources.map((source) => source.emptyUntilMs(mostWaitMs)));
  }
}
