import type { PlantedBug } from '../bug';

const METRICS = 'lambdas/core/metrics.ts';
const metrics = (test: string) => ({ file: 'test/unit/core/metrics.test.ts', test });

/** In what is measured of requests. */
export const METRIC_BUGS: readonly PlantedBug[] = [
  {
    name: 'metrics-grow-without-bounds',
    races: [],
    file: METRICS,
    from: 'series.size < MOST_SERIES;',
    to: 'series.size < Number.POSITIVE_INFINITY;',
    caughtBy: metrics('memory and lines stay bounded'),
  },
  {
    name: 'any-text-is-a-dimension',
    races: [],
    file: METRICS,
    from: 'NAME.test(value) && !number.test(value);',
    to: 'value.length > 0;',
    caughtBy: metrics('is never a dimension'),
  },
  {
    name: 'long-numbers-are-dimensions',
    races: [],
    file: METRICS,
    from: '&& !number.test(value)',
    to: '',
    caughtBy: metrics('an id within text'),
  },
  {
    name: 'line-of-metrics-for-each-request',
    races: [],
    file: METRICS,
    from: 'series.size > 0 && clock.monotonicMs() - flushedAtMs >= FLUSH_EVERY_MS',
    to: 'series.size > 0',
    caughtBy: metrics('write once a second at most'),
  },
  {
    name: 'forwarded-request-measured-twice',
    races: [],
    file: 'lambdas/handlers/metering.ts',
    from: 'if (isForwarded) {',
    to: 'if (isForwarded && nowMs < 0) {',
    caughtBy: { file: 'test/unit/handlers/metering.test.ts', test: 'a request that was forwarded counts once' },
  },
  {
    name: 'metrics-kept-until-the-next-invocation',
    races: [],
    file: 'lambdas/handlers/function.ts',
    from: '        metrics.flushIfDue();',
    to: '        // nothing',
    caughtBy: { file: 'test/unit/handlers/function.test.ts', test: 'written before the invocation is answered' },
  },
];
