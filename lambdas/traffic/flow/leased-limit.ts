import type { Clock } from '../../core';
import { type CallLimit, PASSED, type Sources, type Verdict } from './call-limit';

/** So much is fetched ahead as is used in this time: a round trip fits in many times, even to the other region. */
const AHEAD_MS = 200;
/** What was fetched ahead counts no longer than this. */
const LIFE_MS = 1000;
/** Most that all environments together hold ahead, of what a window allows. */
const MOST_HELD = 0.05;

export interface LeasedLimitOptions {
  readonly sources: Sources;
  /** Most calls at once, in the own region. */
  readonly calls: number;
  /** How many environments draw on it there. */
  readonly environments: () => number;
  readonly clock: Clock;
}

/**
 * A limit of which an environment fetches ahead what it will soon use, so that the common call asks nobody. What it holds
 * was counted when it was fetched: so all calls that pass are never more than the limit and what was held when they began.
 * What is not used within a second, or within its window, is not used any more.
 */
export class LeasedLimit implements CallLimit {
  readonly #options: LeasedLimitOptions;
  #held = 0;
  #heldSinceMs = 0;
  #heldUntilMs = 0;
  /** More is fetched when no more is held than this; below 0: nothing is fetched ahead. */
  #fetchAt = -1;
  #isFetching = false;
  #isPassingOn = false;
  /** Calls since the last fetch, and how many come in a millisecond. */
  #asked = 0;
  #fetchedAtMs: number;
  #perMs = 0;
  #waiting: ((verdict: Verdict) => void)[] = [];
  /** Until then nothing is to be had. */
  #emptyUntilMs = 0;

  constructor(options: LeasedLimitOptions) {
    this.#options = options;
    this.#fetchedAtMs = options.clock.monotonicMs();
  }

  take(nowMs: number): Verdict | Promise<Verdict> {
    this.#asked += 1;
    if (this.#held > 0 && nowMs < this.#heldUntilMs) {
      this.#held -= 1;
      if (this.#held <= this.#fetchAt && !this.#isFetching && nowMs >= this.#emptyUntilMs) void this.#fetch();
      return PASSED;
    }
    if (!this.#isFetching && nowMs < this.#emptyUntilMs) return Math.ceil(this.#emptyUntilMs - nowMs);
    const verdict = new Promise<Verdict>((decide) => this.#waiting.push(decide));
    if (!this.#isFetching) void this.#fetch();
    return verdict;
  }

  /** What was fetched before the last fetch may be of a window that is over: it is not passed on. */
  giveBack(passedAtMs: number): void {
    this.#asked -= 1;
    if (passedAtMs >= this.#heldSinceMs) this.#held += 1;
    if (this.#held > this.#mostHeld() && !this.#isPassingOn) this.#passOnSoon();
  }

  /** What is more than may be held goes back to where it was counted, once all that were refused together have given back. */
  #passOnSoon(): void {
    const [source] = this.#options.sources;
    if (source?.takesBack !== true) return;
    this.#isPassingOn = true;
    setImmediate(() => {
      this.#isPassingOn = false;
      const surplus = this.#heldNow() - this.#mostHeld();
      if (surplus <= 0) return;
      this.#held -= surplus;
      this.#emptyUntilMs = 0;
      source.giveBack(surplus);
    });
  }

  /** Asks for those who wait and for what comes soon, until nobody waits. */
  async #fetch(): Promise<void> {
    this.#isFetching = true;
    try {
      do await this.#fetchOnce();
      while (this.#waiting.length > 0);
    } finally {
      this.#isFetching = false;
    }
  }

  async #fetchOnce(): Promise<void> {
    const { sources, clock } = this.#options;
    const ahead = this.#aheadNow();
    for (const source of sources) {
      const wanted = this.#waiting.length + Math.max(0, ahead - this.#heldNow());
      if (wanted === 0) return;
      if (clock.monotonicMs() < source.emptyUntilMs()) continue;
      const { calls, untilMs } = await source.take(wanted);
      this.#hold(calls, untilMs);
      if (calls >= wanted) return;
    }
    const nowMs = clock.monotonicMs();
    const soonestMs = Math.min(...sources.map((source) => source.emptyUntilMs()));
    // One that granted something, and less than was wanted, is asked once more before anybody is refused.
    if (soonestMs <= nowMs) return;
    this.#emptyUntilMs = soonestMs;
    this.#refuse(Math.ceil(soonestMs - nowMs));
  }

  /** Those who wait have it first, in their order. What they give back, refused elsewhere, has the same time as what is left. */
  #hold(calls: number, untilMs: number): void {
    const served = this.#waiting.splice(0, calls);
    for (const decide of served) decide(PASSED);
    if (calls === 0) return;
    const left = calls - served.length;
    const nowMs = this.#options.clock.monotonicMs();
    const endsAtMs = Math.min(untilMs, nowMs + LIFE_MS);
    this.#held = this.#heldNow() + left;
    this.#heldSinceMs = nowMs;
    this.#heldUntilMs = endsAtMs;
  }

  #heldNow(): number {
    if (this.#options.clock.monotonicMs() >= this.#heldUntilMs) this.#held = 0;
    return this.#held;
  }

  #refuse(retryMs: number): void {
    const refused = this.#waiting;
    this.#waiting = [];
    for (const decide of refused) decide(retryMs);
  }

  /** How much to hold; also notes how fast it is used. */
  #aheadNow(): number {
    const nowMs = this.#options.clock.monotonicMs();
    const sample = this.#asked / Math.max(1, nowMs - this.#fetchedAtMs);
    this.#perMs = (this.#perMs + sample) / 2;
    this.#asked = 0;
    this.#fetchedAtMs = nowMs;
    const ahead = Math.min(this.#mostHeld(), Math.floor(this.#perMs * AHEAD_MS));
    this.#fetchAt = ahead === 0 ? -1 : Math.floor(ahead / 2);
    return ahead;
  }

  #mostHeld(): number {
    const { calls, environments } = this.#options;
    return Math.max(1, Math.floor((calls * MOST_HELD) / environments()));
  }
}
