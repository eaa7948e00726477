import { callFigures, during, quantile, secondsOf, serverOf } from '../../drills/figures';
import { failedAt, sampleAt } from './samples';

const fault = { fromMs: 10_000, toMs: 30_000 };

test('a fault has met what was under way when it struck, and what began before it was over', () => {
  const samples = [sampleAt(9.5, { tookMs: 600 }), sampleAt(9), sampleAt(29.9), sampleAt(30)];
  expect(during(samples, fault)).toEqual([samples[0], samples[2]]);
});

test('errors end when the last call that failed has ended, for each kind of call and region', () => {
  const samples = [
    failedAt(10.2, { tookMs: 300 }),
    failedAt(11, { tookMs: 250 }),
    sampleAt(12),
    sampleAt(11, { region: 'B' }),
    failedAt(29, { call: 'patch', isWrite: true }),
  ];
  const [inA, inB, patch] = callFigures(samples, fault, ['A', 'B']);
  expect(inA).toMatchObject({ call: 'get', region: 'A', calls: 3, failed: 2, errorsEndS: 1.25, isOpen: false });
  expect(inB).toMatchObject({ region: 'B', calls: 1, failed: 0, errorsEndS: 0 });
  expect(patch).toMatchObject({ call: 'patch', failed: 1, isOpen: true });
});

test('quantiles are values that were measured', () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([quantile(values, 0.5), quantile(values, 0.99), quantile([], 0.5), quantile([7], 0.99)]).toEqual([
    50, 99, 0, 7,
  ]);
});

test('a call counts in the second in which it ended, by who served it', () => {
  const samples = [
    sampleAt(0.9, { tookMs: 200 }),
    sampleAt(1.1, { source: 'database;unit=a1;role=replica', degraded: 'replica' }),
    sampleAt(1.2, { source: 'search;domain=standby' }),
    sampleAt(1.3, { call: 'patch', isWrite: true, source: 'database;unit=a1;role=writer' }),
    failedAt(1.4),
  ];
  const [before, second] = secondsOf(samples, 0, 2);
  expect(before).toMatchObject({ atS: 0, calls: 0, p50Ms: 0 });
  expect(second).toMatchObject({
    calls: 5,
    failures: { UNAVAILABLE: 1 },
    served: { cache: 1, writer: 0, replica: 1, search: 1 },
    writes: 1,
    degraded: 1,
    p50Ms: 10,
    p99Ms: 200,
  });
});

test.each([
  ['cache', 'cache'],
  ['database;unit=a1;role=writer', 'writer'],
  ['database;unit=a1;role=replica', 'replica'],
  ['search;domain=standby', 'search'],
  [undefined, undefined],
])('%s is served by %s', (source, server) => {
  expect(serverOf(source)).toBe(server);
});
