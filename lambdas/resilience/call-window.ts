/** How a call ended, as rules see it. */
export interface CallEnd {
  readonly hasFailed: boolean;
  readonly isSlow: boolean;
  readonly tookMs: number;
}

const FIRST_CAPACITY = 16;
const US_PER_MS = 1000;

/**
 * Calls that ended within a sliding window, exact to the millisecond: a call that ended in millisecond `t` counts from then
 * until just before `t + windowMs`. Times have to come in order, as those of a monotonic clock do.
 *
 * One entry for each millisecond in which a call ended, in a ring that grows: what is calm costs an increment, what is idle
 * costs no memory, and a minute of any load at most 60,000 entries.
 */
export class CallWindow {
  readonly #windowMs: number;
  #atMs = new Float64Array(FIRST_CAPACITY);
  #calls = new Uint32Array(FIRST_CAPACITY);
  #failures = new Uint32Array(FIRST_CAPACITY);
  #slow = new Uint32Array(FIRST_CAPACITY);
  /** Whole microseconds, so that what is taken away is what was added. */
  #tookUs = new Float64Array(FIRST_CAPACITY);
  #first = 0;
  #size = 0;
  #newestMs = Number.NEGATIVE_INFINITY;

  /** Totals of the window, as of the last `add` or `advance`. */
  calls = 0;
  failures = 0;
  slow = 0;
  #totalUs = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Of all calls of the window; 0 if there is none. */
  get averageMs(): number {
    return this.calls === 0 ? 0 : this.#totalUs / US_PER_MS / this.calls;
  }

  add(nowMs: number, { hasFailed, isSlow, tookMs }: CallEnd): void {
    this.advance(nowMs);
    const atMs = Math.floor(nowMs);
    if (this.#newestMs !== atMs) this.#begin(atMs);
    const at = (this.#first + this.#size - 1) & (this.#atMs.length - 1);
    const tookUs = Math.round(tookMs * US_PER_MS);
    this.#calls[at] = (this.#calls[at] ?? 0) + 1;
    this.#tookUs[at] = (this.#tookUs[at] ?? 0) + tookUs;
    this.calls += 1;
    this.#totalUs += tookUs;
    if (hasFailed) {
      this.#failures[at] = (this.#failures[at] ?? 0) + 1;
      this.failures += 1;
    }
    if (isSlow) {
      this.#slow[at] = (this.#slow[at] ?? 0) + 1;
      this.slow += 1;
    }
  }

  /** Forgets what has left the window by `nowMs`. */
  advance(nowMs: number): void {
    const goneMs = Math.floor(nowMs) - this.#windowMs;
    while (this.#size > 0 && (this.#atMs[this.#first] ?? 0) <= goneMs) this.#dropFirst();
  }

  clear(): void {
    this.#size = 0;
    this.#newestMs = Number.NEGATIVE_INFINITY;
    this.calls = 0;
    this.failures = 0;
    this.slow = 0;
    this.#totalUs = 0;
  }

  #begin(atMs: number): void {
    if (this.#size === this.#atMs.length) this.#grow();
    const at = (this.#first + this.#size) & (this.#atMs.length - 1);
    this.#size += 1;
    this.#newestMs = atMs;
    this.#atMs[at] = atMs;
    this.#calls[at] = 0;
    this.#failures[at] = 0;
    this.#slow[at] = 0;
    this.#tookUs[at] = 0;
  }

  #dropFirst(): void {
    const at = this.#first;
    this.calls -= this.#calls[at] ?? 0;
    this.failures -= this.#failures[at] ?? 0;
    this.slow -= this.#slow[at] ?? 0;
    this.#totalUs -= this.#tookUs[at] ?? 0;
    this.#first = (at + 1) & (this.#atMs.length - 1);
    this.#size -= 1;
    if (this.#size === 0) this.#newestMs = Number.NEGATIVE_INFINITY;
  }

  /** To twice its capacity, which stays a power of two. */
  #grow(): void {
    const grown = <Ring extends Float64Array | Uint32Array>(ring: Ring, twice: Ring): Ring => {
      twice.set(ring.subarray(this.#first) as never);
      twice.set(ring.subarray(0, this.#first) as never, ring.length - this.#first);
      return twice;
    };
    const capacity = 2 * this.#atMs.length;
    this.#atMs = grown(this.#atMs, new Float64Array(capacity));
    this.#calls = grown(this.#calls, new Uint32Array(capacity));
    this.#failures = grown(this.#failures, new Uint32Array(capacity));
    this.#slow = grown(this.#slow, new Uint32Array(capacity));
    this.#tookUs = grown(this.#tookUs, new Float64Array(capacity));
    this.#first = 0;
  }
}
