import fc from 'fast-check';
import { zipf } from '../../../../bench/zipf';
import { AccountLimit, type SharedTally } from '../../../../lambdas/traffic/hot-accounts';
import { SetClock } from '../registry';

const LIMIT = 50;
const SECONDS = 6;

/** What every environment told of the second before, added up exactly. */
class ExactTally implements SharedTally {
  readonly told = new Map<string, number>();
  totals = new Map<string, number>();

  async exchange(rates: readonly (readonly [string, number])[]): Promise<number[]> {
    for (const [account, rate] of rates) this.told.set(account, (this.told.get(account) ?? 0) + rate);
    return rates.map(([account]) => this.totals.get(account) ?? 0);
  }

  nextSecond(): void {
    this.totals = new Map(this.told);
    this.told.clear();
  }
}

/** A load of a second, spread evenly: by account how many requests. */
type Load = ReadonlyMap<string, number>;

/** Runs the same load for some seconds. @returns for each second by account how many passed */
async function run(environments: number, load: Load, seconds = SECONDS): Promise<Map<string, number>[]> {
  const clock = new SetClock();
  const tally = new ExactTally();
  const limits = Array.from({ length: environments }, () => new AccountLimit(LIMIT, { clock, tally }));
  const arrivals = [...load]
    .flatMap(([account, count]) => Array.from({ length: count }, (_, index) => [index / count, account] as const))
    .sort(([one], [other]) => one - other);
  const passed: Map<string, number>[] = [];
  for (let second = 0; second < seconds; second += 1) {
    const through = new Map<string, number>();
    const beganMs = clock.ms;
    for (const [index, [at, account]] of arrivals.entries()) {
      clock.ms = beganMs + at * 1000;
      if (limits[index % environments]?.take(account) === 0) through.set(account, (through.get(account) ?? 0) + 1);
      // What is exchanged beside the requests is heard while they go on.
      if (index % 20 === 0) await Promise.resolve();
    }
    clock.ms = beganMs + 1000;
    await new Promise((resolve) => setImmediate(resolve));
    tally.nextSecond();
    passed.push(through);
  }
  return passed;
}

test('in one environment an account passes as often as it may, and is told when it may again', async () => {
  const clock = new SetClock();
  const limit = new AccountLimit(LIMIT, { clock });
  const answers = Array.from({ length: 200 }, () => limit.take('hot'));
  expect(answers.filter((waitMs) => waitMs === 0)).toHaveLength(LIMIT);
  expect(answers.at(-1)).toBe(1000 + 1000 / LIMIT);
  clock.ms += 600;
  expect(limit.take('hot')).toBe(400 + 1000 / LIMIT);
  expect(limit.take('other')).toBe(0);
  clock.ms += 0.3;
  expect(limit.take('hot')).toBe(400 + 1000 / LIMIT);
  for (let asked = 0; asked <= LIMIT; asked += 1) limit.take('later');
  expect(Number.isInteger(limit.take('later'))).toBe(true);
});

test('an account that goes on being asked for gets its rate, neither more nor less', async () => {
  const passed = await run(1, new Map([['hot', 500]]), 10);
  for (const through of passed.slice(1)) expect(Math.abs((through.get('hot') ?? 0) - LIMIT)).toBeLessThanOrEqual(2);
});

test('what one environment alone would not notice is limited by all of them together', async () => {
  const environments = 20;
  // 40 a second in each.
  const passed = await run(environments, new Map([['hot', 800]]), 9);
  expect(passed[0]?.get('hot')).toBe(800);
  // Each of them passes two or three in a second.
  const steady = passed.slice(3).map((through) => through.get('hot') ?? 0);
  const perS = steady.reduce((sum, count) => sum + count, 0) / steady.length;
  expect(Math.abs(perS - LIMIT)).toBeLessThanOrEqual(LIMIT * 0.1);
});

test('beside a hot account nobody else is refused anything, whatever is asked for how often (Zipf)', async () => {
  const loads = fc.record({
    seed: fc.integer(),
    exponent: fc.double({ min: 0.5, max: 1.2, noNaN: true }),
    offender: fc.integer({ min: LIMIT * 4, max: 1500 }),
    environments: fc.integer({ min: 1, max: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(loads, async ({ seed, exponent, offender, environments }) => {
      let state = seed;
      const random = () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
        return (state >>> 0) / 2 ** 32;
      };
      const draw = zipf(2_000, exponent, random);
      const requests = new Map<string, number>([['offender', offender]]);
      for (let index = 0; index < 1_000; index += 1) {
        const account = `m${draw()}`;
        const count = requests.get(account) ?? 0;
        if (count < LIMIT * 0.8) requests.set(account, count + 1);
      }
      const seconds = await run(environments, requests, 5);
      const refused = seconds.flatMap((through) =>
        [...requests].filter(([account, count]) => account !== 'offender' && through.get(account) !== count),
      );
      expect(refused).toEqual([]);
      expect(seconds.at(-1)?.get('offender')).toBeLessThan(offender / 2);
    }),
    { numRuns: 12 },
  );
});

test('an account that has cooled down is as any other', async () => {
  const clock = new SetClock();
  const limit = new AccountLimit(LIMIT, { clock });
  for (let index = 0; index < 200; index += 1) limit.take('hot');
  expect(limit.hotAccounts).toEqual(['hot']);
  clock.ms += 4_500;
  expect(Array.from({ length: LIMIT }, () => limit.take('hot'))).toEqual(Array.from({ length: LIMIT }, () => 0));
  expect(limit.hotAccounts).toEqual([]);
});

test('without the tally each environment goes by what it counts itself', async () => {
  const clock = new SetClock();
  const limit = new AccountLimit(LIMIT, { clock, tally: { exchange: () => Promise.reject(new Error('away')) } });
  for (let second = 0; second < 4; second += 1) {
    const through = Array.from({ length: 300 }, (_, index) => {
      clock.ms = 1_000_000 + second * 1000 + index * 3;
      return limit.take('hot');
    }).filter((waitMs) => waitMs === 0).length;
    expect(through).toBeLessThanOrEqual(LIMIT + 1);
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test('a clock that was frozen in between opens and closes nothing', () => {
  const clock = new SetClock();
  const limit = new AccountLimit(LIMIT, { clock });
  for (let index = 0; index < 200; index += 1) limit.take('hot');
  clock.ms += 86_400_000;
  const through = Array.from({ length: 200 }, () => limit.take('hot')).filter((waitMs) => waitMs === 0);
  expect(through).toHaveLength(LIMIT);
});

test('a name too long to be one is not kept', () => {
  const limit = new AccountLimit(1, { clock: new SetClock() });
  const long = 'x'.repeat(301);
  expect([limit.take(long), limit.take(long), limit.take(long)]).toEqual([0, 0, 0]);
});

test.each([
  [20, 100],
  [100, 20],
])(
  'an account that is hot while its limit is changed from %i to %i is limited by the new one, also without a tally',
  (from, to) => {
    const clock = new SetClock();
    const limit = new AccountLimit(from, { clock });
    const passedIn = (seconds: number) => {
      let passed = 0;
      for (let call = 0; call < seconds * 300; call += 1) {
        if (limit.take('hot') === 0) passed += 1;
        clock.ms += 1000 / 300;
      }
      return passed / seconds;
    };
    passedIn(3);
    limit.ratePerS = to;
    passedIn(1);
    expect(passedIn(4)).toBeGreaterThan(to * 0.9);
    expect(passedIn(4)).toBeLessThan(to * 1.1);
  },
);
