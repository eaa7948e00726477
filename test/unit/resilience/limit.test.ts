import fc from 'fast-check';
import {
  expectedWaitMs,
  firstLimit,
  type LimitSample,
  type LimitSettings,
  type LimitState,
  nextLimit,
} from '../../../lambdas/resilience/limit';

const settingsOf = fc
  .record({
    floor: fc.integer({ min: 1, max: 20 }),
    more: fc.integer({ min: 0, max: 200 }),
    targetMs: fc.integer({ min: 1, max: 1000 }),
  })
  .map(({ floor, more, targetMs }) => ({ floor, ceiling: floor + more, targetMs }));

const samples = fc.array(
  fc
    .record({
      calls: fc.integer({ min: 1, max: 200 }),
      averageMs: fc.double({ min: 0, max: 5000, noNaN: true }),
      dropped: fc.double({ min: 0, max: 1, noNaN: true }),
      mostInFlight: fc.integer({ min: 0, max: 300 }),
      afterMs: fc.integer({ min: 0, max: 100_000 }),
    })
    .map(({ dropped, ...sample }) => ({ ...sample, drops: Math.floor(dropped * sample.calls) })),
  { maxLength: 100 },
);

test('whatever happens, a limit stays between its floor and its ceiling', () => {
  fc.assert(
    fc.property(settingsOf, samples, (settings, all) => {
      let nowMs = 0;
      let state = firstLimit(settings, nowMs);
      for (const { afterMs, ...sample } of all) {
        nowMs += afterMs;
        state = nextLimit(state, sample, settings, nowMs);
        expect(state.limit).toBeGreaterThanOrEqual(settings.floor);
        expect(state.limit).toBeLessThanOrEqual(settings.ceiling);
      }
    }),
  );
});

/** A class that would have so many calls under way, were it let. */
interface User {
  readonly settings: LimitSettings;
  readonly demand: number;
}

interface Shared {
  /** Calls that are worked on at a time, and how long each takes then; what is beyond waits its turn. */
  readonly slots: number;
  readonly workMs: number;
  readonly giveUpMs?: number;
}

/**
 * Users of one dependency, each of which knows only how long its own calls take. Calls of all wait in one line, so each
 * takes as long as the line is.
 */
function settled(
  users: readonly User[],
  { slots, workMs, giveUpMs = Number.POSITIVE_INFINITY }: Shared,
  rounds: number,
) {
  let states: LimitState[] = users.map(({ settings }) => firstLimit(settings, 0));
  const limits: number[][] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const inFlight = users.map(({ demand }, index) => Math.min(demand, Math.floor(states[index]?.limit ?? 0)));
    const all = inFlight.reduce((sum, one) => sum + one, 0);
    const averageMs = workMs * Math.max(1, all / slots);
    states = states.map((state, index) => {
      const calls = Math.max(1, inFlight[index] ?? 0);
      const sample: LimitSample = {
        calls,
        averageMs: averageMs > giveUpMs ? 0 : averageMs,
        drops: averageMs > giveUpMs ? calls : 0,
        mostInFlight: inFlight[index] ?? 0,
      };
      return nextLimit(state, sample, (users[index] as User).settings, round * 250);
    });
    limits.push(states.map(({ limit }) => limit));
  }
  return { limits: states.map(({ limit }) => limit), history: limits };
}

const shared = fc.record({
  slots: fc.integer({ min: 2, max: 40 }),
  workMs: fc.integer({ min: 1, max: 20 }),
});

test('a limit comes to rest where what waits adds the target, from wherever it begins', () => {
  fc.assert(
    fc.property(shared, fc.integer({ min: 20, max: 200 }), (dependency, targetMs) => {
      const settings = { floor: 1, ceiling: 20_000, targetMs };
      const { history } = settled([{ settings, demand: 1_000_000 }], dependency, 230);
      const { slots, workMs } = dependency;
      const restsAt = (slots * (workMs + targetMs)) / workMs;
      // Before the base is taken anew.
      const rested = history.slice(200, 230).map(([limit = 0]) => limit);
      expect(Math.min(...rested)).toBeGreaterThan(0.7 * Math.min(settings.ceiling, restsAt) - 2);
      expect(Math.max(...rested)).toBeLessThan(1.35 * restsAt + 10);
    }),
  );
});

test('what is quick is let through up to the ceiling, and what nobody uses is not raised', () => {
  const settings = { floor: 2, ceiling: 50, targetMs: 100 };
  expect(settled([{ settings, demand: 1000 }], { slots: 100, workMs: 5 }, 100).limits).toEqual([50]);
  expect(settled([{ settings, demand: 3 }], { slots: 100, workMs: 5 }, 100).limits).toEqual([10]);
});

test('calls that take longer than the target lower it, the more the longer, and such as take less raise it', () => {
  const settings = { floor: 1, ceiling: 100, targetMs: 100 };
  const state = { ...firstLimit(settings, 0), limit: 50, baseMs: 5 };
  const after = (averageMs: number) =>
    nextLimit(state, { calls: 20, averageMs, drops: 0, mostInFlight: 50 }, settings, 1).limit;
  expect(after(5 + 150)).toBeCloseTo(42.5);
  expect(after(5 + 900)).toBeCloseTo(35);
  expect(after(5)).toBeCloseTo(55);
});

test('calls that are lost bring it down to the floor within seconds', () => {
  const settings = { floor: 2, ceiling: 64, targetMs: 200 };
  const { limits } = settled([{ settings, demand: 1000 }], { slots: 1, workMs: 900, giveUpMs: 800 }, 12);
  expect(limits).toEqual([2]);
});

const ORDER = { floor: 8, ceiling: 64, targetMs: 400 };
const OTHERS = { floor: 4, ceiling: 32, targetMs: 200 };

test('class order takes what it needs from the others, and they never from it', () => {
  fc.assert(
    fc.property(shared, fc.integer({ min: 1, max: 64 }), (dependency, demand) => {
      const users = [
        { settings: ORDER, demand },
        { settings: OTHERS, demand: 10_000 },
        { settings: OTHERS, demand: 10_000 },
      ];
      const { limits, history } = settled(users, dependency, 150);
      // Never below what it is sure of, in no round.
      expect(Math.min(...history.map(([order = 0]) => order))).toBeGreaterThanOrEqual(ORDER.floor);
      const [order = 0, marketing = 0, other = 0] = limits;
      const isWaiting = demand + marketing + other > dependency.slots;
      // While anybody waits longer than the others may, they have given way down to their floors before order gives any.
      if (order < Math.min(demand, ORDER.ceiling / 2)) {
        expect(isWaiting).toBe(true);
        expect([Math.floor(marketing), Math.floor(other)]).toEqual([OTHERS.floor, OTHERS.floor]);
      }
    }),
    { numRuns: 40 },
  );
});

test('who waits is told before it waits', () => {
  expect(expectedWaitMs(0, 10, 50)).toBe(5);
  expect(expectedWaitMs(99, 10, 50)).toBe(500);
  expect(expectedWaitMs(0, 0.5, 50)).toBe(50);
});
