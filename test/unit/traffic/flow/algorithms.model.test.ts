import fc from 'fast-check';
import { type AlgorithmName, type Ask, algorithmNamed } from '../../../../lambdas/traffic/flow/algorithms';
import type { Limit } from '../../../../lambdas/traffic/flow/limit';
import {
  counterModel,
  leakyBucketModel,
  type Model,
  slidingWindowModel,
  tokenBucketModel,
  warmUpModel,
} from './models';

const MODELS: Readonly<Record<AlgorithmName, (limit: Limit) => Model>> = {
  counter: counterModel,
  'sliding-window': slidingWindowModel,
  'leaky-bucket': leakyBucketModel,
  'token-bucket': tokenBucketModel,
  'warm-up': warmUpModel,
};
const NAMES = Object.keys(MODELS) as AlgorithmName[];

interface Visit {
  readonly afterUs: number;
  readonly wanted: number;
  readonly mostWaitUs: number;
}

/** Limits and visits of one scale, so that neither everything passes nor nothing. */
function scenes({ mostWindowUs, warmUpUs }: { mostWindowUs: number; warmUpUs: readonly number[] }) {
  return fc
    .record({
      calls: fc.integer({ min: 1, max: 12 }),
      windowUs: fc.integer({ min: 100, max: mostWindowUs }),
      warmUpUs: fc.constantFrom(...warmUpUs),
    })
    .chain((limit) => {
      const pauseUs = Math.ceil((limit.windowUs / limit.calls) * 3);
      const visit = fc.record({
        afterUs: fc.oneof(
          fc.integer({ min: 0, max: pauseUs }),
          fc.integer({ min: 0, max: 3 * limit.windowUs }),
          // To the microsecond where something comes back.
          fc.constantFrom(limit.windowUs, Math.ceil(limit.windowUs / limit.calls), Math.ceil(limit.windowUs / 100)),
        ),
        wanted: fc.integer({ min: 0, max: 15 }),
        mostWaitUs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 * limit.windowUs })),
      });
      return fc.record({
        limit: fc.constant(limit),
        beginsUs: fc.integer({ min: 0, max: 2_000_000_000_000_000 }),
        visits: fc.array(visit, { maxLength: 40 }),
      });
    });
}

const SCENES = {
  counter: scenes({ mostWindowUs: 3_600_000_000, warmUpUs: [0] }),
  'sliding-window': scenes({ mostWindowUs: 3_600_000_000, warmUpUs: [0] }),
  'leaky-bucket': scenes({ mostWindowUs: 3_600_000_000, warmUpUs: [0] }),
  'token-bucket': scenes({ mostWindowUs: 3_600_000_000, warmUpUs: [0] }),
  // The model goes microsecond by microsecond.
  'warm-up': scenes({ mostWindowUs: 300, warmUpUs: [10, 50, 300, 1000] }),
} as const;

/** Visits in order, as an environment would make them, and what the algorithm decided at each. */
function run(name: AlgorithmName, limit: Limit, beginsUs: number, visits: readonly Visit[]) {
  const algorithm = algorithmNamed(name);
  let state: unknown;
  let nowUs = beginsUs;
  return visits.map((visit) => {
    nowUs += visit.afterUs;
    const ask: Ask = { nowUs, wanted: visit.wanted, mostWaitUs: visit.mostWaitUs };
    const decided = algorithm(limit, state, ask);
    state = decided.state;
    return { ask, decided };
  });
}

describe.each(NAMES)('%s', (name) => {
  test('decides as its model does, call by call', () => {
    fc.assert(
      fc.property(SCENES[name], ({ limit, beginsUs, visits }) => {
        const model = MODELS[name](limit);
        for (const { ask, decided } of run(name, limit, beginsUs, visits)) {
          const passed = Array.from({ length: ask.wanted }, () => model.pass(ask.nowUs, ask.mostWaitUs));
          expect(decided.granted).toBe(passed.filter((one) => one !== undefined).length);
          if (decided.granted > 0) expect(decided.waitUs).toBe(passed[0]?.waitUs);
        }
      }),
      { numRuns: 80 },
    );
  });

  test('says when to ask again: then something is granted, and a microsecond earlier nothing is', () => {
    fc.assert(
      fc.property(SCENES[name], ({ limit, beginsUs, visits }) => {
        const algorithm = algorithmNamed(name);
        for (const { ask, decided } of run(name, limit, beginsUs, visits)) {
          if (ask.wanted === 0) continue;
          expect(decided.granted > 0).toBe(decided.retryAfterUs === 0);
          if (decided.granted > 0) continue;
          const at = (nowUs: number) => algorithm(limit, decided.state, { ...ask, nowUs, wanted: 1 }).granted;
          // A bucket that warms up meanwhile has it a little earlier than it says.
          if (name !== 'warm-up') expect(at(ask.nowUs + decided.retryAfterUs - 1)).toBe(0);
          expect(at(ask.nowUs + decided.retryAfterUs)).toBe(1);
        }
      }),
      { numRuns: 80 },
    );
  });

  test('is not jumped by a rule that changes: no more is granted than the wider of both allows', () => {
    fc.assert(
      fc.property(SCENES[name], fc.integer({ min: 1, max: 12 }), ({ limit, beginsUs, visits }, calls) => {
        const last = run(name, limit, beginsUs, visits).at(-1);
        fc.pre(last !== undefined);
        const changed = { ...limit, calls, windowUs: limit.windowUs * 2 };
        const nowUs = (last?.ask.nowUs ?? 0) + 1;
        const ask = { nowUs, wanted: 100, mostWaitUs: changed.windowUs };
        expect(algorithmNamed(name)(changed, last?.decided.state, ask).granted).toBeLessThanOrEqual(calls);
      }),
    );
  });
});

/** Statements about every span of time, not only about the next call. */
function admittedTimes(name: AlgorithmName, limit: Limit, beginsUs: number, visits: readonly Visit[]): number[] {
  return run(name, limit, beginsUs, visits).flatMap(({ ask, decided }) =>
    Array.from({ length: decided.granted }, () => ask.nowUs),
  );
}
const within = (times: readonly number[], fromUs: number, durationUs: number) =>
  times.filter((atUs) => atUs >= fromUs && atUs < fromUs + durationUs).length;

test('no window of a sliding window has more calls than its limit, wherever it begins', () => {
  fc.assert(
    fc.property(SCENES['sliding-window'], ({ limit, beginsUs, visits }) => {
      const times = admittedTimes('sliding-window', limit, beginsUs, visits);
      for (const fromUs of times) expect(within(times, fromUs, limit.windowUs)).toBeLessThanOrEqual(limit.calls);
    }),
  );
});

test('calls that leave a leaky bucket are a pace apart', () => {
  fc.assert(
    fc.property(SCENES['leaky-bucket'], ({ limit, beginsUs, visits }) => {
      const turns = run('leaky-bucket', limit, beginsUs, visits).flatMap(({ ask, decided }) =>
        decided.granted === 0 ? [] : [{ fromUs: ask.nowUs + decided.waitUs, calls: decided.granted }],
      );
      turns.reduce(
        (before, turn) => {
          // The wait is rounded up to a microsecond.
          const paceUs = (limit.windowUs / limit.calls) * before.calls;
          expect(turn.fromUs - before.fromUs).toBeGreaterThanOrEqual(paceUs - 1);
          return turn;
        },
        { fromUs: Number.NEGATIVE_INFINITY, calls: 0 },
      );
    }),
  );
});

test('a bucket that is cold gives a third, and the whole once it was used as long as it is to warm up', () => {
  const limit = { calls: 300, windowUs: 1_000_000, warmUpUs: 10_000_000 };
  // Asked every millisecond for more than there is.
  const visits = Array.from({ length: 20_000 }, () => ({ afterUs: 1000, wanted: 10, mostWaitUs: 0 }));
  const times = admittedTimes('warm-up', limit, 0, visits);
  const inSecond = (second: number) => within(times, second * 1_000_000, 1_000_000);
  expect(inSecond(1)).toBeGreaterThanOrEqual(100);
  expect(inSecond(1)).toBeLessThanOrEqual(180);
  expect(inSecond(6)).toBeGreaterThan(inSecond(2));
  expect(inSecond(15)).toBeGreaterThanOrEqual(298);
  expect(inSecond(15)).toBeLessThanOrEqual(302);
});
