import { setTimeout as delay } from 'node:timers/promises';
import * as fc from 'fast-check';
import { createMetrics, type DimensionsOf } from '../../../lambdas/core';
import { MOST_SERIES } from '../../../lambdas/core/metrics';

interface Histogram {
  readonly Values: readonly number[];
  readonly Counts: readonly number[];
  readonly Min: number;
  readonly Max: number;
  readonly Sum: number;
  readonly Count: number;
}

interface Document {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly { readonly Dimensions: string[][] }[];
  };
  readonly Latency?: Histogram;
  readonly CallerRequests?: number;
  readonly [dimension: string]: unknown;
}

function measuring({ trafficClass }: { trafficClass?: 'order' } = { trafficClass: 'order' }) {
  const now = { wallMs: 1_700_000_000_000, monotonicMs: 50 };
  const written: string[] = [];
  const metrics = createMetrics({
    stage: 'local',
    region: 'A',
    functionName: 'members-order',
    trafficClass,
    clock: { nowMs: () => now.wallMs, monotonicMs: () => now.monotonicMs },
    write: (lines) => written.push(lines),
  });
  const documents = () =>
    written.flatMap((lines) => lines.trimEnd().split('\n')).map((line) => JSON.parse(line) as Document);
  const pass = (ms: number) => {
    now.wallMs += ms;
    now.monotonicMs += ms;
  };
  return { metrics, written, documents, pass };
}

const cached: DimensionsOf<'Latency'> = { operation: 'getMember', outcome: 'ok', source: 'cache' };

test('values of the same dimensions become one document of the embedded metric format', () => {
  const { metrics, documents, pass } = measuring();
  metrics.time('Latency', 2, cached);
  pass(20);
  for (let n = 0; n < 9; n += 1) metrics.time('Latency', 2, cached);
  metrics.count('CallerRequests', { caller: 'shop', outcome: 'ok' });
  metrics.count('CallerRequests', { caller: 'shop', outcome: 'ok' }, 3);
  metrics.flushIfDue();
  expect(documents()).toEqual([
    {
      _aws: {
        Timestamp: 1_700_000_000_000,
        CloudWatchMetrics: [
          {
            Namespace: 'Twinkeep/local',
            Dimensions: expect.arrayContaining([['region', 'class']]),
            Metrics: [{ Name: 'Latency', Unit: 'Milliseconds' }],
          },
        ],
      },
      region: 'A',
      function: 'members-order',
      class: 'order',
      ...cached,
      degraded: 'none',
      Latency: { Values: [expect.closeTo(2, 1)], Counts: [10], Min: 2, Max: 2, Sum: expect.closeTo(20, 0), Count: 10 },
    },
    expect.objectContaining({ caller: 'shop', outcome: 'ok', CallerRequests: 4 }),
  ]);
});

test('a set of dimensions that the function has not is not published', () => {
  const { metrics, documents } = measuring({});
  metrics.count('DegradedAnswers', { degraded: 'replica' });
  metrics.close();
  expect(documents()).toMatchObject([{ _aws: { CloudWatchMetrics: [] }, DegradedAnswers: 1 }]);
});

test('invocations write once a second at most, and everything is written once', () => {
  const { metrics, written, documents, pass } = measuring();
  for (let invocation = 0; invocation < 2500; invocation += 1) {
    metrics.time('Latency', 1, cached);
    metrics.flushIfDue();
    pass(1);
  }
  expect(written).toHaveLength(3);
  metrics.close();
  metrics.close();
  expect(documents().reduce((total, { Latency }) => total + (Latency?.Count ?? 0), 0)).toBe(2500);
});

test('what runs for long is written while it runs', async () => {
  const { metrics, written } = measuring();
  metrics.count('CallerRequests', { caller: 'shop', outcome: 'ok' });
  const deadlineMs = performance.now() + 5000;
  while (written.length === 0 && performance.now() < deadlineMs) await delay(20);
  expect(written).toHaveLength(1);
});

test('percentiles of what is written are those of the values, but for 2.5 %', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 20_000, noNaN: true }), { minLength: 1, maxLength: 2000 }),
      (values) => {
        const { metrics, documents } = measuring();
        for (const value of values) metrics.time('Latency', value, cached);
        metrics.close();
        const parts = documents().map(({ Latency }) => Latency as Histogram);
        for (const { Values, Counts } of parts) {
          expect(Values.length).toBeLessThanOrEqual(100);
          expect(Counts).toHaveLength(Values.length);
        }
        const written = parts.flatMap(({ Values, Counts }) =>
          Values.flatMap((value, at) => Array(Counts[at]).fill(value)),
        );
        expect(written).toHaveLength(values.length);
        const rising = [...values].sort((one, other) => one - other);
        const errors = rising.map((value, at) => Math.abs(written[at] - value) / value);
        expect(Math.max(...errors)).toBeLessThan(0.026);
      },
    ),
    { numRuns: 50 },
  );
});

test('durations that are none, or beyond all bounds, harm nothing', () => {
  const { metrics, documents } = measuring();
  for (const value of [Number.NaN, -5, 0, Number.POSITIVE_INFINITY]) metrics.time('Latency', value, cached);
  metrics.close();
  const { Latency } = documents()[0] as Document;
  expect(Latency).toMatchObject({ Count: 3, Min: 0.001 });
  expect(Number.isFinite(Latency?.Max)).toBe(true);
});

test('however many names are met, memory and lines stay bounded, and nothing goes uncounted', () => {
  const { metrics, documents } = measuring();
  for (let n = 0; n < 100_000; n += 1) {
    metrics.count('CallerRequests', { caller: `caller${n % 20_000}x`, outcome: 'ok' });
  }
  metrics.close();
  expect(documents().length).toBeLessThanOrEqual(MOST_SERIES + 1);
  expect(documents().reduce((total, { CallerRequests = 0 }) => total + CallerRequests, 0)).toBe(100_000);
  expect(documents().filter(({ caller }) => caller === 'other')).toHaveLength(1);
});

test.each([
  ['an id of a member', '4611686018427387904'],
  ['an id within text', 'member-4611686018427387904'],
  ['a phone', '+8613812345678'],
  ['an e-mail', 'ada@example.com'],
  ['a name', 'Ada Lovelace'],
  ['a name in other letters', '王小明'],
  ['a key', 'shop.c2VjcmV0/c2VjcmV0+c2VjcmV0'],
  ['a very long text', 'a'.repeat(65)],
  ['several lines', 'ok\n{"_aws":1}'],
])('%s is never a dimension', (_what, value) => {
  const { metrics, written, documents } = measuring();
  metrics.count('CallerRequests', { caller: value, outcome: 'ok' });
  metrics.time('Latency', 1, { operation: value, outcome: value, source: value, degraded: value });
  metrics.close();
  expect(written.join('')).not.toContain(value);
  expect(documents()).toMatchObject([
    { caller: 'other', CallerRequests: 1 },
    { operation: 'other', outcome: 'other', source: 'other', degraded: 'other' },
  ]);
});

test.each(['load-1764352594123', '24-7-shop', 'shop_2'])('a caller keeps its name: %s', (caller) => {
  const { metrics, documents } = measuring();
  metrics.count('CallerRequests', { caller, outcome: 'ok' });
  metrics.close();
  expect(documents()).toMatchObject([{ caller }]);
});

test.each(['limit/requests', 'traffic/deny', 'degrade/search-marketing', 'hot-account'])(
  'a rule keeps its name: %s',
  (rule) => {
    const { metrics, documents } = measuring();
    metrics.count('Refusals', { outcome: 'SHED', rule });
    metrics.close();
    expect(documents()).toMatchObject([{ rule }]);
  },
);
