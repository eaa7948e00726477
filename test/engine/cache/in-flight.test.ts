import { countTrips } from '../../../bench/handler/trips';
import type { Cache } from '../../../lambdas/cache';
import { freshKey, TwoRegions } from './two-regions';

let regions: TwoRegions;
let cache: Cache;
beforeAll(async () => {
  regions = await TwoRegions.start();
  cache = await regions.environment('A');
});
afterAll(() => regions?.stop());

const FLIGHT = { placement: 'a1:17', entry: '42:operation' };
const known = () => Promise.all((['A', 'B'] as const).map((region) => cache.inFlight(region, FLIGHT.placement)));

test('the other region knows of an operation from its marks until its fences', async () => {
  const key = freshKey();
  await cache.mark([key], 'operation', FLIGHT);
  expect(await known()).toEqual([[], [FLIGHT.entry]]);
  await cache.fence([{ key, version: 1 }], 'operation', FLIGHT);
  expect(await known()).toEqual([[], []]);
});

test('an operation that came to nothing is forgotten with its marks; others stay', async () => {
  const [key, other] = [freshKey(), { ...FLIGHT, entry: '42:other' }];
  await cache.mark([key], 'operation', FLIGHT);
  await cache.mark([key], 'other', other);
  await cache.unmark([key], 'operation', FLIGHT);
  expect(await known()).toEqual([[], [other.entry]]);
  await cache.unmark([key], 'other', other);
});

test('what nobody has seen the end of is forgotten after a day', async () => {
  await cache.mark([], 'operation', FLIGHT);
  const left = await regions.B.inside.pttl(`inflight:{${FLIGHT.placement}}`);
  expect(left).toBeGreaterThan(23 * 3_600_000);
  expect(left).toBeLessThanOrEqual(24 * 3_600_000);
});

test('telling of an operation costs no round trip', async () => {
  const ports = { [String(regions.A.port)]: 'A', [String(regions.B.port)]: 'B' };
  const write = (flight?: typeof FLIGHT) => async () => {
    const key = freshKey();
    await cache.mark([key], 'operation', flight);
    await cache.fence([{ key, version: 1 }], 'operation', flight);
  };
  await write(FLIGHT)();
  const without = await countTrips(ports, 20, write());
  expect(await countTrips(ports, 20, write(FLIGHT))).toEqual(without);
  expect(without).toEqual({ A: 2, B: 2 });
});
