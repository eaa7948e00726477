/** The value below which the given share of a sample lies; between two values it is interpolated. @param share 0 to 1 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('an empty sample has no quantiles');
  const sorted = [...values].sort((one, other) => one - other);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** What several rounds said: the middle, and the quarters around it. */
export interface Spread {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly rounds: number;
}

/** Of values that were each so many times as high. */
export function dividedBy({ median, lowerQuartile, upperQuartile, rounds }: Spread, times: number): Spread {
  return { median: median / times, lowerQuartile: lowerQuartile / times, upperQuartile: upperQuartile / times, rounds };
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: median(values),
    lowerQuartile: quantile(values, 0.25),
    upperQuartile: quantile(values, 0.75),
    rounds: values.length,
  };
}

/**
 * Each round of one against the round of the other that ran beside it. What slows the machine down for a while slows
 * both of a pair, so a ratio of neighbours tells more than the ratio of two means.
 */
export function ratiosOf(numerators: readonly number[], denominators: readonly number[]): number[] {
  if (numerators.length !== denominators.length) throw new RangeError('rounds do not come in pairs');
  return numerators.map((value, index) => value / (denominators[index] ?? Number.NaN));
}

/** How far the quarters lie apart, as a share of the median. */
export function relativeSpread({ median: middle, lowerQuartile, upperQuartile }: Spread): number {
  return middle === 0 ? 0 : (upperQuartile - lowerQuartile) / middle;
}
