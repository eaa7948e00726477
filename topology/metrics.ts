/**
 * What is measured, and by what it is told apart. A metric is published under each of its `published` sets of dimensions;
 * an empty list publishes nothing, and leaves it to the lines of the log: each combination that is published costs.
 * Every metric has the dimensions of its function besides: `region`, `function`, and `class` where it serves one.
 */
export interface MetricDefinition {
  readonly kind: 'count' | 'time';
  /** Each has few values, known to us: never an id of a member, an account or a key. */
  readonly dimensions: readonly Dimension[];
  readonly published: readonly (readonly (Dimension | FunctionDimension)[])[];
}

export const FUNCTION_DIMENSIONS = ['region', 'function', 'class'] as const;
export type FunctionDimension = (typeof FUNCTION_DIMENSIONS)[number];

export const DIMENSIONS = [
  'operation',
  'outcome',
  'source',
  'degraded',
  'rule',
  'caller',
  'dependency',
  'state',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Rules of refusals before a function: the entry of a class, and Lambda's own. No other metric knows of those requests. */
export const ENTRY_RULES = ['limit/requests', 'reserved-concurrency'] as const;
export type EntryRule = (typeof ENTRY_RULES)[number];

export const METRICS = {
  /** From a request's arrival in its function to its answer. It has as many samples as there are requests. */
  Latency: {
    kind: 'time',
    dimensions: ['operation', 'outcome', 'source', 'degraded'],
    published: [
      ['region', 'class'],
      ['region', 'source'],
    ],
  },
  /** The same of requests that the other region forwarded; there their callers wait for them. */
  ForwardedLatency: { kind: 'time', dimensions: ['operation', 'outcome'], published: [] },
  /** Requests of a caller, by what became of them. */
  CallerRequests: { kind: 'count', dimensions: ['caller', 'outcome'], published: [] },
  /** Requests for which nothing was done, by the rule that refused them where one did. */
  Refusals: { kind: 'count', dimensions: ['outcome', 'rule'], published: [['region', 'class', 'outcome']] },
  /** Requests that a rule on trial would have refused. */
  WouldRefuse: { kind: 'count', dimensions: ['rule'], published: [] },
  /** Answers that say by `Degraded` that they are less than what was asked for. */
  DegradedAnswers: { kind: 'count', dimensions: ['degraded'], published: [['region', 'class']] },
  /** From a write to what a consumer made of its event, in its target. */
  SyncLag: { kind: 'time', dimensions: [], published: [['region', 'function']] },
  /** What was given up by its switch (`on`), or would have been (`dry-run`); the rule is `degrade/<feature>`. */
  GivenUp: { kind: 'count', dimensions: ['rule', 'state'], published: [['region', 'rule']] },
  /** Calls that were refused because too many of their class were under way to a dependency. */
  Shed: { kind: 'count', dimensions: ['dependency'], published: [['region', 'class']] },
  /** A dependency is left alone (`open`, by which rule; `isolated`), or asked again (`closed`). */
  BreakerChanges: {
    kind: 'count',
    dimensions: ['dependency', 'state', 'rule'],
    published: [['region', 'dependency']],
  },
} as const satisfies Record<string, MetricDefinition>;

/** About how many values of a dimension are published in each region: what CloudWatch's metrics cost follows from it. */
export const USUAL_VALUES: Readonly<Record<Dimension | FunctionDimension, number>> = {
  region: 1,
  function: 5,
  class: 3,
  operation: 10,
  outcome: 5,
  source: 4,
  degraded: 3,
  rule: 10,
  caller: 20,
  dependency: 10,
  state: 3,
};

/** Metrics that CloudWatch has of one region, about. */
export function publishedMetrics(): number {
  const sets = Object.values<MetricDefinition>(METRICS).flatMap(({ published }) => published);
  const combinations = sets.map((set) => set.reduce((product, dimension) => product * USUAL_VALUES[dimension], 1));
  return combinations.reduce((total, count) => total + count, 0);
}

export type MetricName = keyof typeof METRICS;

/** In CloudWatch. */
export function metricNamespace(stage: string): string {
  return `Twinkeep/${stage}`;
}
