/** Uniform in [0, 1). */
export type Random = () => number;

/**
 * Draws ranks from 0 to `ranks - 1`, rank r with a weight of `1 / (r + 1) ** exponent`, by searching the cumulated
 * weights: exact for every exponent, at the price of one table.
 */
export function zipf(ranks: number, exponent: number, random: Random): () => number {
  const cumulated = new Float64Array(ranks);
  let total = 0;
  for (let rank = 0; rank < ranks; rank += 1) {
    total += 1 / (rank + 1) ** exponent;
    cumulated[rank] = total;
  }
  return () => rankAt(cumulated, random() * total);
}

function rankAt(cumulated: Float64Array, position: number): number {
  let low = 0;
  let high = cumulated.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (position < (cumulated[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export interface Replayed {
  readonly reads: number;
  readonly hits: number;
}

/**
 * What a cache would answer that holds everything, forgets a key only when it is written, and fills at once: no
 * cache-aside can hit more often. Begins empty.
 */
export function bestHits(accesses: Iterable<{ readonly key: number; readonly isWrite: boolean }>): Replayed {
  const cached = new Set<number>();
  let reads = 0;
  let hits = 0;
  for (const { key, isWrite } of accesses) {
    if (isWrite) {
      cached.delete(key);
    } else {
      reads += 1;
      if (cached.has(key)) hits += 1;
      else cached.add(key);
    }
  }
  return { reads, hits };
}
