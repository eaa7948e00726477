import type { Region } from '../../../topology';
import type { Clock } from '../../core';
import { type AlgorithmName, type TokenBucketState, tokenBucket } from './algorithms';
import type { Limit } from './limit';
import { partOf } from './share';
import type { LimitStore, Sighting, Taken } from './store';

/** While it is refused an environment asks no more often than this, and the less often the more of them there are. */
const PAUSE_MS = 10;
const PAUSE_FOR_EACH_MS = 2;
/** But so often in a window: what nobody asks for in time would be lost. */
const ASKED_IN_WINDOW = 25;
/** A store that did not answer is asked again after so long: it may have been slow once. */
const ASK_AGAIN_MS = 250;
/** A call that is under way may arrive so much later than it was sent. */
const UNDER_WAY_US = 200_000;
/** Between two calls the wall clock and the monotonic one go on alike, but for this, unless one of them stepped or stood still. */
const MOST_APART_MS = 500;

const US_PER_MS = 1000;

const TAKEN_BACK: ReadonlySet<AlgorithmName> = new Set(['sliding-window', 'token-bucket', 'warm-up']);

export interface SourceOptions {
  readonly key: string;
  readonly algorithm: AlgorithmName;
  /** Where it is counted, and what of the limit is counted there. */
  readonly region: Region;
  readonly share: Limit;
  readonly store: LimitStore;
  readonly clock: Clock;
  /** How many environments draw on limits in the own region. */
  readonly environments: () => number;
  /** Whether an environment counts its part of the share by itself while the store is away, or is granted nothing. */
  readonly isOwn: boolean;
}

/** Calls that were granted, until when they may be used, and how long the first of them waits. */
export interface Grant {
  readonly calls: number;
  readonly untilMs: number;
  readonly waitMs: number;
}

const NOTHING: Grant = { calls: 0, untilMs: 0, waitMs: 0 };

/** The share of a limit that one region counts, as one environment draws on it. */
export class Source {
  readonly #options: SourceOptions;
  #emptyUntilMs = 0;
  /** How long a call could have waited that was refused until then: one that can wait longer may ask. */
  #refusedWaitMs = 0;
  #seen:
    | { readonly taken: Taken; readonly sentAtMs: number; readonly arrivedAtMs: number; readonly wallMs: number }
    | undefined;
  /** While the store is away. */
  #alone: TokenBucketState | undefined;
  #answeredAtMs: number;

  constructor(options: SourceOptions) {
    this.#options = options;
    this.#answeredAtMs = options.clock.monotonicMs();
  }

  /** From when on it is worth asking. */
  emptyUntilMs(mostWaitMs = 0): number {
    return mostWaitMs > this.#refusedWaitMs ? 0 : this.#emptyUntilMs;
  }

  /** Never fails: while the store is away a part of the share is counted here, or nothing granted. */
  async take(wanted: number, mostWaitMs = 0): Promise<Grant> {
    const { store, region, key, algorithm, share, clock } = this.#options;
    const sentAtMs = clock.monotonicMs();
    const mostWaitUs = Math.floor(mostWaitMs * US_PER_MS);
    try {
      const sighting = this.#sighting(sentAtMs);
      const taken = await store.take(region, { key, algorithm, limit: share, wanted, mostWaitUs, sighting });
      const arrivedAtMs = clock.monotonicMs();
      this.#seen = { taken, sentAtMs, arrivedAtMs, wallMs: clock.nowMs() };
      this.#alone = undefined;
      this.#answeredAtMs = arrivedAtMs;
      if (taken.granted === 0) this.#isEmptyFor(taken.retryAfterUs / US_PER_MS, mostWaitMs);
      return {
        calls: taken.granted,
        untilMs: sentAtMs + taken.goodForUs / US_PER_MS,
        waitMs: taken.waitUs / US_PER_MS,
      };
    } catch {
      return this.#takeAlone(wanted);
    }
  }

  /** Whether others can have what it granted and nobody used: not of a window that is over, nor what is counted here alone. */
  get takesBack(): boolean {
    return TAKEN_BACK.has(this.#options.algorithm) && this.#alone === undefined;
  }

  giveBack(calls: number): void {
    const { store, region, key, algorithm, share, clock } = this.#options;
    const sighting = this.#sighting(clock.monotonicMs());
    this.#emptyUntilMs = 0;
    // What does not arrive is lost, as what is held by who ends.
    const take = { key, algorithm, limit: share, wanted: -calls, mostWaitUs: 0, sighting };
    store.take(region, take).catch(() => undefined);
  }

  #isEmptyFor(durationMs: number, refusedWaitMs: number): void {
    const { clock, share, environments } = this.#options;
    const politeMs = Math.max(PAUSE_MS, PAUSE_FOR_EACH_MS * environments());
    const pauseMs = Math.min(politeMs, share.windowUs / US_PER_MS / ASKED_IN_WINDOW);
    this.#emptyUntilMs = clock.monotonicMs() + Math.max(durationMs, pauseMs);
    this.#refusedWaitMs = refusedWaitMs;
  }

  /** The time since the last answer, unless this machine's own clocks do not agree about it. */
  #sighting(nowMs: number): Sighting | undefined {
    if (this.#seen === undefined) return undefined;
    const { taken, sentAtMs, arrivedAtMs, wallMs } = this.#seen;
    const leastMs = nowMs - arrivedAtMs;
    if (Math.abs(this.#options.clock.nowMs() - wallMs - leastMs) > MOST_APART_MS) return undefined;
    return {
      bornUs: taken.bornUs,
      seenUs: taken.nowUs,
      leastUs: Math.floor(leastMs * US_PER_MS),
      mostUs: Math.ceil((nowMs - sentAtMs) * US_PER_MS) + UNDER_WAY_US,
    };
  }

  /**
   * A token bucket of this environment's own. It begins with what has come back since the store last answered: all parts
   * together have then had no more than the share since.
   */
  #takeAlone(wanted: number): Grant {
    const { share, clock, environments, isOwn } = this.#options;
    if (!isOwn) {
      this.#isEmptyFor(ASK_AGAIN_MS, 0);
      return NOTHING;
    }
    const limit = partOf(share, environments());
    const nowUs = Math.floor(clock.monotonicMs() * US_PER_MS);
    this.#alone ??= { units: 0, atUs: Math.floor(this.#answeredAtMs * US_PER_MS), windowUs: limit.windowUs };
    const { state, granted, retryAfterUs } = tokenBucket(limit, this.#alone, { nowUs, wanted, mostWaitUs: 0 });
    this.#alone = state;
    if (granted === 0) this.#isEmptyFor(Math.min(retryAfterUs / US_PER_MS, ASK_AGAIN_MS), 0);
    return { calls: granted, untilMs: Number.POSITIVE_INFINITY, waitMs: 0 };
  }
}
