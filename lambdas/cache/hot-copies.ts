import type { Clock } from '../core';
import type { CacheEntry } from './entry';

/** Reads of one key within a second, in this environment, that make it hot. */
const HOT_READS_PER_S = 200;
const WINDOW_MS = 1000;
const COPY_LIFE_MS = 1000;
const MOST_COUNTED_KEYS = 5000;
const MOST_COPIES = 200;

/** When a read began, by both clocks, and how many drops it had seen by then. */
export interface ReadStart {
  readonly atMs: number;
  readonly atWallMs: number;
  readonly drops: number;
}

interface Copy extends ReadStart {
  readonly entry: CacheEntry;
}

/**
 * Copies of the few keys that this environment reads all the time, each for at most a second after it was read. Both
 * clocks must agree that it is that young: the monotonic one never steps, the other one runs on while the environment
 * is frozen.
 */
export class HotCopies {
  readonly #clock: Clock;
  readonly #reads = new Map<string, number>();
  readonly #copies = new Map<string, Copy>();
  #windowEndsMs = 0;
  #drops = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a read, and finds its copy. */
  find(key: string, minVersion: number): CacheEntry | undefined {
    const nowMs = this.#clock.monotonicMs();
    this.#count(key, nowMs);
    if (this.#copies.size === 0) return undefined;
    const copy = this.#copies.get(key);
    if (copy === undefined || copy.entry.version < minVersion) return undefined;
    if (nowMs - copy.atMs < COPY_LIFE_MS && this.#clock.nowMs() - copy.atWallMs < COPY_LIFE_MS) return copy.entry;
    this.#copies.delete(key);
    return undefined;
  }

  /** The start of a read whose result is worth keeping; undefined for keys that are not hot. */
  begin(key: string): ReadStart | undefined {
    if ((this.#reads.get(key) ?? 0) < HOT_READS_PER_S) return undefined;
    return { atMs: this.#clock.monotonicMs(), atWallMs: this.#clock.nowMs(), drops: this.#drops };
  }

  /** Keeps what a read found, unless copies were dropped since it began: it may have seen what is no longer true. */
  keep(key: string, entry: CacheEntry, start: ReadStart): void {
    if (start.drops !== this.#drops) return;
    if (this.#copies.size >= MOST_COPIES && !this.#copies.has(key)) this.#copies.clear();
    this.#copies.set(key, { ...start, entry });
  }

  drop(keys: readonly string[]): void {
    this.#drops += 1;
    for (const key of keys) this.#copies.delete(key);
  }

  clear(): void {
    this.#drops += 1;
    this.#copies.clear();
  }

  #count(key: string, nowMs: number): void {
    if (nowMs >= this.#windowEndsMs) {
      this.#reads.clear();
      this.#windowEndsMs = nowMs + WINDOW_MS;
    }
    const reads = this.#reads.get(key);
    if (reads !== undefined) this.#reads.set(key, reads + 1);
    else if (this.#reads.size < MOST_COUNTED_KEYS) this.#reads.set(key, 1);
  }
}
