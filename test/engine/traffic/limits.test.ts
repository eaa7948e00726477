import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Cache } from '../../../lambdas/cache';
import type { Taken } from '../../../lambdas/traffic';
import { ALGORITHMS, type AlgorithmName, algorithmNamed } from '../../../lambdas/traffic/flow/algorithms';
import { TwoRegions } from '../cache/two-regions';
import type { Admitted, WorkerJob } from './limit-worker';

const NAMES = Object.keys(ALGORITHMS) as AlgorithmName[];

let regions: TwoRegions;
let cache: Cache;
beforeAll(async () => {
  regions = await TwoRegions.start();
  cache = await regions.environment('A');
});
afterAll(() => regions.stop());

let keys = 0;
const freshKey = () => `test:${++keys}`;
const BUSY = { calls: 5, windowUs: 20_000, warmUpUs: 40_000 };

function take(
  key: string,
  algorithm: AlgorithmName,
  fields: Partial<Parameters<Cache['take']>[1]> = {},
): Promise<Taken> {
  return cache.take('A', {
    key,
    algorithm,
    limit: BUSY,
    wanted: 1,
    mostWaitUs: 1_000_000,
    sighting: undefined,
    ...fields,
  });
}

describe.each(NAMES)('%s in Redis', (algorithm) => {
  test('decides as the algorithm does, on the clock of the server', async () => {
    const asks = fc.array(
      fc.record({
        wanted: fc.integer({ min: -4, max: 7 }),
        mostWaitUs: fc.constantFrom(0, 5000, 1_000_000),
        pauseMs: fc.constantFrom(0, 0, 0, 1, 3, 12),
        // A rule may be changed.
        limit: fc.constantFrom(BUSY, BUSY, BUSY, { calls: 3, windowUs: 17_000, warmUpUs: 20_000 }),
      }),
      { minLength: 20, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(asks, async (visits) => {
        const key = freshKey();
        let state: unknown;
        for (const { pauseMs, ...ask } of visits) {
          if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
          const taken = await take(key, algorithm, ask);
          const { state: next, ...decided } = algorithmNamed(algorithm)(ask.limit, state, {
            ...ask,
            nowUs: taken.nowUs,
          });
          state = next;
          expect(taken).toMatchObject(decided);
        }
      }),
      { numRuns: 4 },
    );
  });

  test('is atomic: of many who ask at once no more are served than there is', async () => {
    const key = freshKey();
    const limit = { calls: 10, windowUs: 600_000_000, warmUpUs: 1000 };
    const taken = await Promise.all(Array.from({ length: 60 }, () => take(key, algorithm, { limit, mostWaitUs: 1e9 })));
    // A bucket that is cold has a third.
    const most = algorithm === 'warm-up' ? 3 : 10;
    expect(taken.reduce((sum, { granted }) => sum + granted, 0)).toBe(most);
  });

  test('is neither opened nor closed by a server whose clock steps', async () => {
    const key = freshKey();
    const limit = { calls: 10, windowUs: 600_000_000, warmUpUs: 1000 };
    const name = `{limit:${algorithm}:${key}}`;
    let seen: Taken | undefined;
    const ask = async () => {
      const sighting = seen && { bornUs: seen.bornUs, seenUs: seen.nowUs, leastUs: 0, mostUs: 1_000_000 };
      seen = await take(key, algorithm, { limit, wanted: 100, mostWaitUs: 1e9, sighting });
      return seen;
    };
    const stepped = async (byUs: number) => {
      const before = seen?.nowUs ?? 0;
      // As if the server's clock had stepped since it was last looked at.
      await regions.A.inside.hincrby(name, 'wall', -byUs);
      const { granted, nowUs } = await ask();
      expect(nowUs).toBeGreaterThanOrEqual(before);
      expect(nowUs - before).toBeLessThanOrEqual(1_000_000);
      return granted;
    };
    expect((await ask()).granted).toBeGreaterThan(0);
    expect(await stepped(3_600_000_000)).toBe(0);
    expect(await stepped(-3_600_000_000)).toBe(0);
    // And goes on: a step back has not stopped it.
    seen = seen && { ...seen, nowUs: seen.nowUs };
    const later = await take(key, algorithm, {
      limit,
      wanted: 1,
      mostWaitUs: 1e9,
      sighting: { bornUs: seen?.bornUs ?? 0, seenUs: seen?.nowUs ?? 0, leastUs: 700_000_000, mostUs: 800_000_000 },
    });
    expect(later.granted).toBe(1);
  });
});

test('what an environment has seen of a clock that is gone counts for nothing', async () => {
  const key = freshKey();
  const sighting = { bornUs: 1, seenUs: 1, leastUs: 0, mostUs: 0 };
  const first = await take(key, 'token-bucket', { sighting });
  expect(first.nowUs).toBe(first.bornUs);
  const second = await take(key, 'token-bucket', { sighting, wanted: 0 });
  expect(second.nowUs).toBeGreaterThan(first.nowUs);
});

test('recent calls are told by the second, with how many environments have called', async () => {
  const counts = [
    { caller: 'shop', operation: 'getMember', calls: 3 },
    { caller: 'crm', operation: 'patchMember', calls: 1 },
  ] as const;
  const report = { environment: 'one', trafficClass: 'order', ageMs: 0, counts } as const;
  expect(await cache.reportCalls(report)).toEqual({ ofClass: 1, ofAll: 1 });
  expect(await cache.reportCalls({ ...report, environment: 'two', trafficClass: 'other' })).toEqual({
    ofClass: 1,
    ofAll: 2,
  });
  expect(await cache.reportCalls({ ...report, environment: 'two' })).toEqual({ ofClass: 2, ofAll: 3 });
  expect(await cache.reportCalls(report)).toEqual({ ofClass: 2, ofAll: 3 });
  const told = (await cache.recentCalls('A', 60_000)).flatMap(({ calls }) => calls);
  const sum = (caller: string, trafficClass: string) =>
    told
      .filter((one) => one.caller === caller && one.trafficClass === trafficClass)
      .reduce((all, { calls }) => all + calls, 0);
  expect([sum('shop', 'order'), sum('crm', 'order'), sum('shop', 'other')]).toEqual([9, 3, 3]);
  expect(await cache.recentCalls('B', 60_000)).toEqual([]);
});

test('names without end do not fill the cache', async () => {
  const counts = Array.from(
    { length: 1500 },
    (_, at) => ({ caller: `c${at}`, operation: 'getMember', calls: 1 }) as const,
  );
  await cache.reportCalls({ environment: 'one', trafficClass: 'marketing', ageMs: 120_000, counts });
  const told = (await cache.recentCalls('A', 300_000))
    .flatMap(({ calls }) => calls)
    .filter(({ caller }) => /^c\d|\*/.test(caller));
  expect(told.length).toBeLessThanOrEqual(1001);
  expect(told.reduce((sum, { calls }) => sum + calls, 0)).toBe(1500);
  const daily = (await cache.callsByDay('A')).flatMap(({ calls }) => calls);
  expect(daily.length).toBeLessThanOrEqual(1005);
});

test('calls are kept by day, long after their seconds are forgotten', async () => {
  const counts = [{ caller: 'daily', operation: 'getMember', calls: 4 }] as const;
  const report = { environment: 'one', trafficClass: 'order', counts } as const;
  await cache.reportCalls({ ...report, ageMs: 5 * 86_400_000 });
  await cache.reportCalls({ ...report, ageMs: 3 * 86_400_000 });
  await cache.reportCalls({ ...report, ageMs: 3 * 86_400_000 });
  const told = (await cache.callsByDay('A')).flatMap(({ day, calls }) =>
    calls.filter(({ caller }) => caller === 'daily').map(({ calls: count }) => [day, count]),
  );
  const [[first = 0], [last = 0]] = [told[0] ?? [], told.at(-1) ?? []];
  expect(told[0]?.[1]).toBe(4);
  expect(last - first).toBe(2);
  expect(told.at(-1)?.[1]).toBe(8);
  expect(await cache.callsByDay('B')).toEqual([]);
});

/** A machine that is busy with something else may let workers stand still for as long as a window. */
const QUIET_MS = 150;
const ATTEMPTS = 2;
const SPAN_S = 3;

/**
 * Several processes, each an environment, call twice as often as the limit allows, half of it counted in either region. What
 * passes in a span of seconds is the limit, within 5 %; never more, and not less where the workers were let call.
 */
test('workers keep every limit together, within a twentieth', async () => {
  const job: WorkerJob = {
    caches: { A: regions.A.address, B: regions.B.address },
    ratePerS: 200,
    burst: 200,
    offeredPerS: 150,
    workers: 3,
    durationMs: 5000,
  };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const admitted = await Promise.all(Array.from({ length: job.workers }, () => runWorker(job)));
    // Behind the first burst, and what is cold.
    const fromMs = Math.max(...admitted.map(({ beganAtMs }) => beganAtMs)) + 1500;
    const passed = NAMES.map((algorithm) => {
      const times = admitted.flatMap((one) => one.times[algorithm] ?? []);
      return times.filter((ms) => ms >= fromMs && ms < fromMs + SPAN_S * 1000).length / (job.ratePerS * SPAN_S);
    });
    const isQuiet = Math.max(...admitted.map(({ mostLateMs }) => mostLateMs)) <= QUIET_MS;
    // Who stood still before the span comes into it with a burst.
    const most = isQuiet ? 1.05 : 1.05 + job.burst / (job.ratePerS * SPAN_S);
    expect([NAMES, passed, Math.max(...passed) <= most]).toEqual([NAMES, passed, true]);
    if (!isQuiet) continue;
    expect([NAMES, passed, Math.min(...passed) >= 0.95]).toEqual([NAMES, passed, true]);
    break;
  }
}, 180_000);

async function runWorker(job: WorkerJob): Promise<Admitted> {
  const worker = fork(join(__dirname, 'limit-worker.ts'), { execArgv: ['--import', 'tsx'] });
  worker.send(job);
  const gone = once(worker, 'exit').then(([code]) => Promise.reject(new Error(`a worker ended with ${code}`)));
  const [admitted] = (await Promise.race([once(worker, 'message'), gone])) as [Admitted];
  gone.catch(() => undefined);
  worker.disconnect();
  return admitted;
}
