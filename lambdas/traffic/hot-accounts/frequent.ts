/**
 * Counts occurrences of keys in bounded memory, never too high: of N occurrences a key's count is at most N / (capacity + 1)
 * below the truth, so whatever occurs more often than that is among the counted. J. Misra and D. Gries, "Finding repeated
 * elements", Science of Computer Programming 2 (1982). Sketches that count too high (count-min, space-saving) need the
 * same memory for the same error, and would have the innocent pay for it.
 */
export class FrequentKeys {
  readonly #capacity: number;
  readonly #counts = new Map<string, number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @returns the key's count, this occurrence among it; 0 for one that is not counted */
  add(key: string): number {
    const count = this.#counts.get(key);
    if (count !== undefined) {
      this.#counts.set(key, count + 1);
      return count + 1;
    }
    if (this.#counts.size < this.#capacity) {
      this.#counts.set(key, 1);
      return 1;
    }
    this.#decrease();
    return 0;
  }

  countOf(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** The keys with the highest counts of at least `least`, the highest first. */
  top(most: number, least: number): [key: string, count: number][] {
    const frequent = [...this.#counts].filter(([, count]) => count >= least);
    return frequent.sort(([, one], [, other]) => other - one).slice(0, most);
  }

  clear(): void {
    this.#counts.clear();
  }

  /** One occurrence less of each: paid for by as many that were added, so adding costs the same on average. */
  #decrease(): void {
    for (const [key, count] of this.#counts) {
      if (count === 1) this.#counts.delete(key);
      else this.#counts.set(key, count - 1);
    }
  }
}
