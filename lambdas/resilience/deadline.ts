import { type Clock, unavailable } from '../core';

/** Time that a parent keeps for itself, to turn the failure of its child into an answer. */
const RESERVE_MS = 10;

/** How long a part of the work may take: `timeoutMs`, and always less than its parent has, where there is one. */
export function boundedMs(timeoutMs: number, deadline: Deadline | undefined): number {
  return deadline === undefined ? timeoutMs : deadline.child(timeoutMs).remainingMs;
}

/** What `work` comes to, if it does so before its parent is over, where there is one. @throws Problem UNAVAILABLE */
export function boundedBy<T>(deadline: Deadline | undefined, work: Promise<T>, what: string): Promise<T> {
  return deadline === undefined ? work : deadline.child().with(work, what);
}

/** The moment by which something must be over, on the monotonic clock. */
export class Deadline {
  readonly #endsAtMs: number;
  readonly #clock: Clock;

  private constructor(endsAtMs: number, clock: Clock) {
    this.#endsAtMs = endsAtMs;
    this.#clock = clock;
  }

  static after(timeoutMs: number, clock: Clock): Deadline {
    return new Deadline(clock.monotonicMs() + timeoutMs, clock);
  }

  /** Milliseconds left; 0 when it has passed. */
  get remainingMs(): number {
    return this.remainingAt(this.#clock.monotonicMs());
  }

  /** Milliseconds left at a moment of the monotonic clock, for whoever has just read it. */
  remainingAt(nowMs: number): number {
    return Math.max(0, this.#endsAtMs - nowMs);
  }

  /** A deadline for a part of the work: after `timeoutMs`, and always earlier than this one. */
  child(timeoutMs = Number.POSITIVE_INFINITY): Deadline {
    const latestMs = this.#endsAtMs - RESERVE_MS;
    return new Deadline(Math.min(latestMs, this.#clock.monotonicMs() + timeoutMs), this.#clock);
  }

  /**
   * What `work` comes to, if it does so in time; it is not cancelled, only no longer waited for.
   * @throws Problem UNAVAILABLE that says `what` did not answer
   */
  async with<T>(work: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const expiry = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(unavailable(`${what} did not answer in time`)), this.remainingMs);
    });
    try {
      return await Promise.race([work, expiry]);
    } finally {
      clearTimeout(timer);
    }
  }
}
