/** Each bucket is this much wider than the one below it: what is read from its middle is wrong by 2.5 % at most. */
const GROWTH = 1.05;
const PER_BUCKET = Math.log(GROWTH);
/** A microsecond and a month, in milliseconds: what is below or above is taken for these. */
const LEAST = 0.001;
const MOST = 2_592_000_000;

/**
 * Values by buckets of an exponential scale, as OpenTelemetry's exponential histogram has them: memory is bounded (about 600
 * buckets), and the error relative to the value is the same everywhere.
 */
export class Histogram {
  readonly #counts = new Map<number, number>();
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** @param value milliseconds; what is no number is not counted */
  add(value: number): void {
    if (Number.isNaN(value)) return;
    const bounded = Math.min(Math.max(value, LEAST), MOST);
    const bucket = Math.round(Math.log(bounded) / PER_BUCKET);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    if (bounded < this.#min) this.#min = bounded;
    if (bounded > this.#max) this.#max = bounded;
  }

  get min(): number {
    return this.#min;
  }

  get max(): number {
    return this.#max;
  }

  /** The middle of each bucket that has values, with how many it has; rising. */
  buckets(): readonly (readonly [value: number, count: number])[] {
    const rising = [...this.#counts].sort(([one], [other]) => one - other);
    return rising.map(([bucket, count]) => [rounded(Math.exp(bucket * PER_BUCKET)), count]);
  }
}

/** To four digits: more would not be true, and make lines longer. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
