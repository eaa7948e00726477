/** Numbers from 0 to 1 that follow from a seed (mulberry32, by Tommy Ettinger). */
export function chanceOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Happening {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes only when everything that could happen before has happened. */
export class World {
  nowMs = 0;
  readonly chance: () => number;
  readonly #ahead: Happening[] = [];
  #order = 0;

  readonly #isCalm: boolean;

  /** @param isCalm nothing sleeps by chance */
  constructor(seed: number, isCalm: boolean) {
    this.chance = chanceOf(seed);
    this.#isCalm = isCalm;
  }

  /** How long something takes: a short while, or now and then a very long one. */
  duration(most: number, sleeps: { share: number; longestMs: number }): number {
    const isLong = this.chance() < sleeps.share && !this.#isCalm;
    return this.between(0, isLong ? sleeps.longestMs : most);
  }

  between(least: number, most: number): number {
    return least + this.chance() * (most - least);
  }

  at(atMs: number, run: () => void): void {
    const happening = { atMs: Math.max(atMs, this.nowMs), order: this.#order++, run };
    let low = 0;
    let high = this.#ahead.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#ahead[middle] as Happening;
      if (other.atMs > happening.atMs || (other.atMs === happening.atMs && other.order > happening.order))
        low = middle + 1;
      else high = middle;
    }
    this.#ahead.splice(low, 0, happening);
  }

  after(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.nowMs + ms, resolve));
  }

  async runUntil(endMs: number): Promise<void> {
    for (;;) {
      const next = this.#ahead.at(-1);
      if (next === undefined || next.atMs > endMs) break;
      this.#ahead.pop();
      this.nowMs = next.atMs;
      next.run();
      // Whatever follows from it without any time passing.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.nowMs = endMs;
  }
}
