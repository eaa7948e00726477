import type { Cache } from '../../../lambdas/cache';
import { ARBITER_LIFE_MS, arbiterKey, HOLD_KEPT_MS, holdKey, YOUNG_S } from '../../../lambdas/cache/holds';
import { TwoRegions } from './two-regions';
import { until } from './until';

let regions: TwoRegions;
let caches: Readonly<Record<'A' | 'B', Cache>>;
beforeAll(async () => {
  regions = await TwoRegions.start();
  caches = { A: await regions.environment('A'), B: await regions.environment('B') };
});
afterAll(() => regions?.stop());

const uptimeS = async (region: 'A' | 'B') =>
  Number(/uptime_in_seconds:(\d+)/.exec(await regions[region].inside.info('server'))?.[1]);
/** Until then they hold nothing. */
const untilGrown = () => until(async () => (await uptimeS('A')) >= YOUNG_S && (await uptimeS('B')) >= YOUNG_S, 30_000);
beforeEach(untilGrown);

const EPOCH = 7;
let units = 0;
const newUnit = () => `unit-${++units}`;

/** Heartbeats of both regions say that they do not reach the arbiter. */
async function loseArbiter(): Promise<void> {
  for (const region of ['A', 'B'] as const) {
    await regions[region].inside.del(arbiterKey('seen'));
    await caches[region].noteArbiter('lost');
  }
}

const both = <T>(answer: T) => ({ A: answer, B: answer });

test('a unit is held only while both regions say that they do not reach the arbiter', async () => {
  const unit = newUnit();
  await loseArbiter();
  expect(await caches.A.takeHold(unit, EPOCH)).toEqual(both('held'));
  for (const region of ['A', 'B'] as const) {
    expect(await regions[region].inside.pttl(arbiterKey('lost'))).toBeLessThanOrEqual(ARBITER_LIFE_MS.lost);
  }
  await caches.B.noteArbiter('seen');
  // One of several heartbeats may reach it.
  await caches.B.noteArbiter('lost');
  expect(await caches.A.takeHold(unit, EPOCH)).toEqual({ A: 'held', B: 'seen' });
  await loseArbiter();
  await regions.A.inside.del(arbiterKey('lost'));
  expect(await caches.A.takeHold(unit, EPOCH)).toEqual({ A: 'unconfirmed', B: 'held' });
});

test('race 22: of a hold and a move the second one finds the first, and the next epoch may be held again', async () => {
  await loseArbiter();
  const [held, moved] = [newUnit(), newUnit()];
  expect(await caches.A.takeHold(held, EPOCH)).toEqual(both('held'));
  expect(await caches.B.announceMove(held, EPOCH + 1)).toEqual(both('held'));
  const left = await regions.A.inside.pttl(holdKey(held));
  expect([left > HOLD_KEPT_MS - 5000, left <= HOLD_KEPT_MS]).toEqual([true, true]);
  expect(await caches.A.takeHold(held, EPOCH)).toEqual(both('moving'));
  expect(await caches.A.announceMove(moved, EPOCH + 1)).toEqual(both('free'));
  // Whoever is late with an older epoch takes nothing back.
  expect(await caches.A.announceMove(moved, EPOCH)).toEqual(both('free'));
  expect(await caches.B.takeHold(moved, EPOCH)).toEqual(both('moving'));
  expect(await caches.B.takeHold(moved, EPOCH + 1)).toEqual(both('held'));
});

test('race 22: a cache that began a moment ago holds nothing, and takes every unit for held', async () => {
  const unit = newUnit();
  await regions.A.kill();
  await regions.A.restart();
  await regions.A.untilServing();
  await until(() => caches.A.noteArbiter('lost').then(() => true));
  expect((await caches.A.takeHold(unit, EPOCH)).A).toBe('young');
  expect((await caches.A.announceMove(unit, EPOCH)).A).toBe('held');
  await untilGrown();
  expect((await caches.A.announceMove(unit, EPOCH)).A).toBe('free');
});
