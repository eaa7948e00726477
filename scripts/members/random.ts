/** A stream of random numbers that is the same on every machine for the same seed (sfc32). */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 2 ** 32) >>> 0;
    this.#c = 0x9e3779b9;
    // Seeds that differ in one bit differ in all their numbers only after some rounds.
    for (let round = 0; round < 16; round += 1) this.#next();
  }

  /** An integer in `[0, limit)`, for limits up to 2^32. */
  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** @param percent may have a fraction */
  chance(percent: number): boolean {
    return this.#next() / 2 ** 32 < percent / 100;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError('there is nothing to pick from');
    return value;
  }

  pickByWeight<T>(values: readonly T[], weightOf: (value: T) => number): T {
    const total = values.reduce((sum, value) => sum + weightOf(value), 0);
    let position = (this.#next() / 2 ** 32) * total;
    for (const value of values) {
      position -= weightOf(value);
      if (position < 0) return value;
    }
    return this.pick(values);
  }

  /** A text of `length` characters of the alphabet. */
  text(length: number, alphabet: string): string {
    let text = '';
    for (let index = 0; index < length; index += 1) text += alphabet.charAt(this.below(alphabet.length));
    return text;
  }

  /** `#` becomes a digit, `N` a digit from 2 to 9. */
  digits(template: string): string {
    return template.replace(/[#N]/g, (mark) => String(mark === '#' ? this.below(10) : this.between(2, 9)));
  }

  /** From 1 to `most`; the chance of a value falls with its square, so that few are large. */
  zipf(most: number): number {
    const ranks = Array.from({ length: most }, (_, index) => index + 1);
    return this.pickByWeight(ranks, (rank) => 1 / (rank * rank));
  }

  #next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }
}
