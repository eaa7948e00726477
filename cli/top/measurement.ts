import { type Dimension, FUNCTION_DIMENSIONS, METRICS, type MetricDefinition, type MetricName } from '../../topology';

/** Values with how often each was measured. */
export type Pairs = readonly (readonly [value: number, count: number])[];

/** What one line of a function's log says was measured there. */
export interface Measurement {
  readonly metric: MetricName;
  readonly atMs: number;
  readonly region: string;
  readonly function: string;
  readonly class?: string;
  readonly dimensions: Readonly<Partial<Record<Dimension, string>>>;
  /** Of a count. */
  readonly sum: number;
  /** Of a time, in milliseconds. */
  readonly pairs: Pairs;
}

const NAMES = Object.keys(METRICS) as MetricName[];
/** Stands in every line of metrics, and spares the others their parsing. */
const MARK = '"_aws"';

/** What a line of a log measures; undefined where it is another line, or half of one. */
export function readMeasurement(line: string): Measurement | undefined {
  if (!line.includes(MARK)) return undefined;
  const document = parsed(line);
  const metric = NAMES.find((name) => name in document);
  const { Timestamp: atMs } = (document._aws ?? {}) as { Timestamp?: unknown };
  if (metric === undefined || typeof atMs !== 'number') return undefined;
  const { dimensions }: MetricDefinition = METRICS[metric];
  const [region, functionName, trafficClass] = FUNCTION_DIMENSIONS.map((name) => document[name]);
  const value = document[metric];
  return {
    metric,
    atMs,
    region: String(region),
    function: String(functionName),
    ...(typeof trafficClass === 'string' && { class: trafficClass }),
    dimensions: Object.fromEntries(dimensions.map((name) => [name, String(document[name])])),
    sum: typeof value === 'number' ? value : 0,
    pairs: typeof value === 'object' && value !== null ? pairsOf(value) : [],
  };
}

/** A process of functions that began: what one before it said of its functions is over. */
export interface ProcessStart {
  readonly region: string;
  readonly functions: readonly string[];
}

/** Which process a line says has begun; undefined where it is another line. */
export function readStart(line: string): ProcessStart | undefined {
  if (!line.includes('"process ready"')) return undefined;
  const { message, region, functions } = parsed(line);
  if (message !== 'process ready' || typeof functions !== 'string') return undefined;
  return { region: String(region), functions: functions.split(' ') };
}

function pairsOf(value: object): Pairs {
  const { Values: values, Counts: counts } = value as { Values?: unknown; Counts?: unknown };
  if (!Array.isArray(values) || !Array.isArray(counts)) return [];
  return values.map((one, index) => [Number(one), Number(counts[index] ?? 0)] as const);
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function countOf({ sum, pairs }: Measurement): number {
  return pairs.reduce((total, [, count]) => total + count, sum);
}

/** The least value that is not below this part of all; undefined where there is none. */
export function quantile(pairs: Pairs, part: number): number | undefined {
  const rising = [...pairs].sort(([one], [other]) => one - other);
  const total = rising.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  for (const [value, count] of rising) {
    below += count;
    if (below >= part * total) return value;
  }
  return undefined;
}
