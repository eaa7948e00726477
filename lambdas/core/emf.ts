import {
  type Dimension,
  type FunctionDimension,
  METRICS,
  type MetricDefinition,
  type MetricName,
} from '../../topology';
import { type Histogram, rounded } from './histogram';

/** What was gathered for one combination of dimensions of a metric. */
export interface Series {
  readonly name: MetricName;
  readonly dimensions: readonly Dimension[];
  /** One for each dimension. */
  readonly values: readonly string[];
  sum: number;
  readonly histogram: Histogram | undefined;
}

export interface Batch {
  readonly namespace: string;
  readonly timestampMs: number;
  /** Of the function that measures. */
  readonly own: Readonly<Partial<Record<FunctionDimension, string>>>;
}

/** Most values of a metric in one document of the format. */
const MOST_VALUES = 100;

/**
 * Documents of CloudWatch's embedded metric format, one a line: one for each combination of dimensions. A histogram is given as
 * pairs of values and counts, which is how the exporter of the OpenTelemetry collector (`awsemf`) gives one; what has more
 * buckets than a document may have goes on in another.
 */
export function emfLines(batch: Batch, gathered: Iterable<Series>): string {
  let lines = '';
  for (const series of gathered) {
    for (const value of valuesOf(series)) lines += `${JSON.stringify(document(batch, series, value))}\n`;
  }
  return lines;
}

function document({ namespace, timestampMs, own }: Batch, series: Series, value: unknown): object {
  const { published, kind }: MetricDefinition = METRICS[series.name];
  const sets = published.filter((set) =>
    set.every((name) => name in own || series.dimensions.includes(name as Dimension)),
  );
  const metrics = [{ Name: series.name, Unit: kind === 'time' ? 'Milliseconds' : 'Count' }];
  const directives = sets.length === 0 ? [] : [{ Namespace: namespace, Dimensions: sets, Metrics: metrics }];
  return {
    _aws: { Timestamp: timestampMs, CloudWatchMetrics: directives },
    ...own,
    ...Object.fromEntries(series.dimensions.map((name, index) => [name, series.values[index]])),
    [series.name]: value,
  };
}

function valuesOf({ histogram, sum }: Series): readonly unknown[] {
  if (histogram === undefined) return [sum];
  const buckets = histogram.buckets();
  const parts = Math.ceil(buckets.length / MOST_VALUES);
  return Array.from({ length: parts }, (_, part) => {
    const within = buckets.slice(part * MOST_VALUES, (part + 1) * MOST_VALUES);
    const values = within.map(([value]) => value);
    const counts = within.map(([, count]) => count);
    const whole = parts === 1 && { Min: rounded(histogram.min), Max: rounded(histogram.max) };
    return { Values: values, Counts: counts, Min: values[0], Max: values.at(-1), ...whole, ...totals(within) };
  });
}

function totals(buckets: readonly (readonly [number, number])[]): { Sum: number; Count: number } {
  const sum = buckets.reduce((total, [value, count]) => total + value * count, 0);
  return { Sum: rounded(sum), Count: buckets.reduce((total, [, count]) => total + count, 0) };
}
