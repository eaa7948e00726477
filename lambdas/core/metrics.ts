import {
  type Dimension,
  type FunctionDimension,
  METRICS,
  type MetricDefinition,
  type MetricName,
  metricNamespace,
  type TrafficClass,
} from '../../topology';
import type { Clock } from './clock';
import { emfLines, type Series } from './emf';
import { Histogram } from './histogram';

type NameOf<Kind extends MetricDefinition['kind']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

export type CountName = NameOf<'count'>;
export type TimeName = NameOf<'time'>;

/** A value for each dimension of a metric; what is not said is `none`. */
export type DimensionsOf<Name extends MetricName> = {
  readonly [D in (typeof METRICS)[Name]['dimensions'][number]]?: string | undefined;
};

/** What is measured here. Values are gathered in memory, so that a request pays for no line of its own. */
export interface Metrics {
  /** @param by how many, one by default */
  count<Name extends CountName>(name: Name, dimensions?: DimensionsOf<Name>, by?: number): void;
  time<Name extends TimeName>(name: Name, durationMs: number, dimensions?: DimensionsOf<Name>): void;
}

/** Metrics that are written, in one batch of lines a second at most. */
export interface WrittenMetrics extends Metrics {
  /**
   * Asked at the end of each invocation, because nothing runs in a frozen environment: writes what was gathered, if a
   * second has passed since that was last done.
   */
  flushIfDue(): void;
  /** Writes what is left. */
  close(): void;
}

export interface MetricsOptions {
  readonly stage: string;
  readonly region: string;
  readonly functionName: string;
  readonly trafficClass: TrafficClass | undefined;
  readonly clock: Clock;
  /** Takes whole lines. */
  readonly write: (lines: string) => void;
}

const FLUSH_EVERY_MS = 1000;
/** Most combinations that are told apart in one batch; what is beyond counts as `other`. */
export const MOST_SERIES = 500;

type Given = Readonly<Partial<Record<Dimension, string>>>;

/** The series that was found for these values. */
interface Asked {
  readonly series: Series;
  readonly asked: readonly string[];
}

const NONE = 'none';
const OTHER = 'other';
/**
 * Names that we or operators gave; those of our own rules begin with their kind, as `limit/requests`. What people are called and
 * reached by, and ids of members, are none.
 */
const NAME = /^(?:[a-z]{1,16}\/)?(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_.:=-]{0,63}$/;
const LONG_NUMBER = /\d{6}/;
/** Operators name these, and date their names to the millisecond; an id of a member has five digits more. */
const GIVEN: ReadonlySet<Dimension> = new Set(['caller', 'rule']);
const LONGER_THAN_A_DATE = /\d{14}/;

/**
 * Gathers values by combinations of dimensions, and writes them as CloudWatch's embedded metric format: counts as sums,
 * times as histograms with a relative error of at most 2.5 %, from which CloudWatch has percentiles.
 */
export function createMetrics(options: MetricsOptions): WrittenMetrics {
  const { clock, write } = options;
  const own = ownDimensions(options);
  const namespace = metricNamespace(options.stage);
  let series = new Map<string, Series>();
  /** Requests in a row are mostly alike: comparing with the last one costs a third of looking a combination up. */
  let lastOf: { [Name in MetricName]?: Asked } = {};
  /** Wall-clock time of the first value of the batch: an environment may be frozen before it writes it. */
  let beganAtMs = 0;
  let flushedAtMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  function seriesOf(name: MetricName, given: Given | undefined): Series {
    const last = lastOf[name];
    if (last !== undefined && isOf(last, given)) return last.series;
    const { dimensions }: MetricDefinition = METRICS[name];
    const asked = dimensions.map((dimension) => given?.[dimension] ?? NONE);
    const found = series.get(keyOf(name, asked)) ?? enter(name, dimensions, asked);
    lastOf[name] = { series: found, asked };
    return found;
  }

  function enter(name: MetricName, dimensions: readonly Dimension[], given: readonly string[]): Series {
    const isTold = series.size < MOST_SERIES;
    const values = dimensions.map((dimension, at) => {
      const value = given[at] ?? NONE;
      return isTold && isName(dimension, value) ? value : OTHER;
    });
    const key = keyOf(name, values);
    const known = series.get(key);
    if (known !== undefined) return known;
    const entered = {
      name,
      dimensions,
      values,
      sum: 0,
      histogram: METRICS[name].kind === 'time' ? new Histogram() : undefined,
    };
    if (series.size === 0) begin();
    series.set(key, entered);
    return entered;
  }

  function begin(): void {
    beganAtMs = clock.nowMs();
    // For what runs long; it keeps no process alive, and waits with a frozen one.
    timer ??= setTimeout(flush, FLUSH_EVERY_MS).unref();
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (series.size === 0) return;
    flushedAtMs = clock.monotonicMs();
    const gathered = series;
    series = new Map();
    lastOf = {};
    write(emfLines({ namespace, timestampMs: beganAtMs, own }, gathered.values()));
  }

  return {
    count: (name, dimensions, by = 1) => {
      seriesOf(name, dimensions).sum += by;
    },
    time: (name, durationMs, dimensions) => seriesOf(name, dimensions).histogram?.add(durationMs),
    flushIfDue: () => {
      if (series.size > 0 && clock.monotonicMs() - flushedAtMs >= FLUSH_EVERY_MS) flush();
    },
    close: flush,
  };
}

function isOf({ series, asked }: Asked, given: Given | undefined): boolean {
  const { dimensions } = series;
  for (let at = 0; at < dimensions.length; at += 1) {
    if ((given?.[dimensions[at] as Dimension] ?? NONE) !== asked[at]) return false;
  }
  return true;
}

function keyOf(name: MetricName, values: readonly string[]): string {
  return `${name}\n${values.join('\n')}`;
}

/** For who measures nothing. */
export const NO_METRICS: Metrics = { count: () => undefined, time: () => undefined };

function isName(dimension: Dimension, value: string): boolean {
  const number = GIVEN.has(dimension) ? LONGER_THAN_A_DATE : LONG_NUMBER;
  return NAME.test(value) && !number.test(value);
}

function ownDimensions(options: MetricsOptions): Readonly<Partial<Record<FunctionDimension, string>>> {
  const { region, functionName, trafficClass } = options;
  return { region, function: functionName, ...(trafficClass && { class: trafficClass }) };
}
