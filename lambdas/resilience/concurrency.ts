import { type Clock, Problem } from '../core';
import { expectedWaitMs, firstLimit, type LimitSettings, type LimitState, nextLimit } from './limit';
import type { Watch } from './telling';

export interface ConcurrencyOptions extends Watch {
  /** Stands in refusals, as `limit/<name>`, and in metrics. */
  readonly name: string;
  readonly settings: LimitSettings;
  /** How long a call may wait for its turn. */
  readonly waitMs: number;
  readonly clock: Clock;
}

/** Where calls wait for a dependency: how many may be under way, and how long one may wait for its turn. */
export type Place = Pick<ConcurrencyOptions, 'settings' | 'waitMs'>;

interface Waiting {
  readonly enter: (beganAtMs: number) => void;
  readonly refuse: (problem: Problem) => void;
  readonly untilMs: number;
}

/** A sample is taken of so many calls, or of those that ended within so long. */
const SAMPLE_CALLS = 20;
const SAMPLE_MS = 250;
const LEAST_RETRY_MS = 500;
const MOST_RETRY_MS = 5000;
/** Of a new average, in the one that waiting is reckoned by. */
const NEWEST = 0.3;

/**
 * Lets as many calls go to one dependency at a time as it stands, which it finds out by how long they take. What would wait
 * longer for its turn than it may is refused at once, and not after it has waited.
 */
export class ConcurrencyLimit {
  readonly #options: ConcurrencyOptions;
  #state: LimitState;
  #inFlight = 0;
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #averageMs = 0;

  #sampledSinceMs: number;
  #calls = 0;
  #answered = 0;
  #answeredMs = 0;
  #mostInFlight = 0;

  constructor(options: ConcurrencyOptions) {
    this.#options = options;
    const nowMs = options.clock.monotonicMs();
    this.#state = firstLimit(options.settings, nowMs);
    this.#sampledSinceMs = nowMs;
  }

  get limit(): number {
    return Math.floor(this.#state.limit);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Waits for its turn, if it has to; whoever has entered leaves.
   *
   * @returns when the call began
   * @throws Problem SHED where its turn would come, or came, too late
   */
  enter(): number | Promise<number> {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#inFlight < this.limit && this.#waiting.length === 0) return this.#begin(nowMs);
    const { waitMs } = this.#options;
    const expectedMs = expectedWaitMs(this.#waiting.length, this.limit, this.#averageMs);
    if (expectedMs > waitMs) return Promise.reject(this.#shed(expectedMs));
    return new Promise((enter, refuse) => {
      this.#waiting.push({ enter, refuse, untilMs: nowMs + waitMs });
      this.#expireAt(nowMs + waitMs, nowMs);
    });
  }

  /** @param isDropped whether it was not answered in time, or was refused for too much load */
  leave(beganAtMs: number, isDropped: boolean): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#inFlight -= 1;
    this.#calls += 1;
    if (!isDropped) {
      this.#answered += 1;
      this.#answeredMs += nowMs - beganAtMs;
    }
    if (this.#calls >= SAMPLE_CALLS || nowMs - this.#sampledSinceMs >= SAMPLE_MS) this.#sample(nowMs);
    this.#admit(nowMs);
  }

  /** Whoever has entered waits for something else, and has no place meanwhile. @returns for how long it had one */
  suspend(beganAtMs: number): number {
    const nowMs = this.#options.clock.monotonicMs();
    this.#inFlight -= 1;
    this.#admit(nowMs);
    return nowMs - beganAtMs;
  }

  /** It goes on at once: nobody waits twice. @returns when it would have begun without the wait */
  resume(heldMs: number): number {
    return this.#begin(this.#options.clock.monotonicMs()) - heldMs;
  }

  /** @throws Problem SHED; whatever the call throws */
  async execute<T>(call: () => Promise<T>, isDrop: (error: unknown) => boolean): Promise<T> {
    const entered = this.enter();
    const beganAtMs = typeof entered === 'number' ? entered : await entered;
    try {
      const value = await call();
      this.leave(beganAtMs, false);
      return value;
    } catch (error) {
      this.leave(beganAtMs, isDrop(error));
      throw error;
    }
  }

  #admit(nowMs: number): void {
    while (this.#inFlight < this.limit && this.#waiting.length > 0) this.#waiting.shift()?.enter(this.#begin(nowMs));
  }

  #begin(nowMs: number): number {
    this.#inFlight += 1;
    if (this.#inFlight > this.#mostInFlight) this.#mostInFlight = this.#inFlight;
    return nowMs;
  }

  #sample(nowMs: number): void {
    const averageMs = this.#answered === 0 ? 0 : this.#answeredMs / this.#answered;
    if (this.#answered > 0) this.#averageMs += NEWEST * (averageMs - this.#averageMs);
    const sample = {
      calls: this.#calls,
      averageMs,
      drops: this.#calls - this.#answered,
      mostInFlight: this.#mostInFlight,
    };
    this.#state = nextLimit(this.#state, sample, this.#options.settings, nowMs);
    this.#sampledSinceMs = nowMs;
    this.#calls = 0;
    this.#answered = 0;
    this.#answeredMs = 0;
    this.#mostInFlight = this.#inFlight;
  }

  /** One timer for all that wait: each may wait equally long. */
  #expireAt(untilMs: number, nowMs: number): void {
    if (this.#timer !== undefined || untilMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#expire();
    }, untilMs - nowMs);
    this.#timer.unref();
  }

  #expire(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      if (first.untilMs > nowMs) {
        this.#expireAt(first.untilMs, nowMs);
        return;
      }
      this.#waiting.shift();
      first.refuse(this.#shed(this.#averageMs));
    }
  }

  #shed(expectedMs: number): Problem {
    const { name, metrics } = this.#options;
    metrics?.count('Shed', { dependency: name });
    const retryAfterMs = Math.ceil(Math.min(MOST_RETRY_MS, Math.max(LEAST_RETRY_MS, expectedMs)));
    return new Problem('SHED', { detail: 'too much is under way for this class', rule: `limit/${name}`, retryAfterMs });
  }
}
