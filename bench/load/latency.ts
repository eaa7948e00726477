import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';

export interface LatencyMs {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

const MOST_LATENCY_US = 60_000_000;
const US_PER_MS = 1000;

/** Latencies as they are counted; what takes longer than a minute counts as that. */
export class Latencies {
  readonly #histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: MOST_LATENCY_US,
    numberOfSignificantValueDigits: 3,
  });

  record(ms: number): void {
    this.#histogram.recordValue(Math.min(MOST_LATENCY_US, Math.max(1, Math.round(ms * US_PER_MS))));
  }

  get percentiles(): LatencyMs {
    return percentilesOf(this.#histogram);
  }

  /** All of them in HdrHistogram's own text form, for another process and for those that come later. */
  get encoded(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }
}

/** Percentiles of several measurements taken as one: those of a percentile that few values decide are steadier so. */
export function percentilesOfAll(encoded: readonly string[]): LatencyMs {
  const [first, ...others] = encoded.map((text) => decodeFromCompressedBase64(text));
  if (first === undefined) throw new Error('nothing was measured');
  for (const other of others) first.add(other);
  return percentilesOf(first);
}

function percentilesOf(histogram: Histogram): LatencyMs {
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / US_PER_MS;
  return { p50: at(50), p99: at(99), p999: at(99.9) };
}
