import { type Cache, createCache } from '../../../lambdas/cache';
import { systemClock } from '../../../lambdas/core';
import { found } from './loaders';
import { RedisServer } from './redis-server';
import { freshKey, silent } from './two-regions';
import { until } from './until';

const MIDDLE = 8192;

/** One region's cache in two shards; the other region's is the same, for no more is needed. */
let shards: [RedisServer, RedisServer];
beforeAll(async () => {
  shards = await Promise.all([
    RedisServer.start({ from: 0, to: MIDDLE - 1 }),
    RedisServer.start({ from: MIDDLE, to: 16_383 }),
  ]);
  const [first, second] = shards;
  await first.meet(second);
  await Promise.all([first.untilServing(), second.untilServing()]);
});
afterAll(async () => {
  for (const cache of caches) await cache.close();
  await Promise.all(shards.map((shard) => shard.stop()));
});

const caches: Cache[] = [];
const keys = Array.from({ length: 200 }, freshKey);
const keysIn = (shard: RedisServer) => shard.inside.dbsize();

function environment() {
  const [{ address }] = shards;
  const timeoutsMs = { local: 10_000, other: 10_000 };
  const endpoints = { A: address, B: address };
  const cache = createCache({ region: 'A', endpoints, clock: systemClock, log: silent, timeoutsMs });
  caches.push(cache);
  return cache;
}

describe('a cache in several shards', () => {
  it('is read, filled, marked and fenced without one cross-slot error', async () => {
    const cache = environment();
    await until(() => cache.ping().then(() => true));
    const read = (key: string) => cache.read({ key, load: async () => found(1) });
    await until(async () => {
      await Promise.all(keys.map(read));
      return (await Promise.all(keys.map(read))).every((outcome) => outcome.source === 'cache');
    });
    expect((await cache.peekMany(keys)).every((entry) => entry?.version === 1)).toBe(true);
    for (const shard of shards) expect(await keysIn(shard)).toBeGreaterThan(50);
    await cache.mark(keys, 'write');
    await cache.fenceHere(keys.map((key) => ({ key, version: 2 })));
    await cache.fence(
      keys.map((key) => ({ key, version: 2 })),
      'write',
    );
    expect(await cache.peekMany(keys)).toEqual(keys.map(() => undefined));
    for (const shard of shards) expect(await shard.inside.keys('*unfenced*')).toEqual([]);
  });

  it('is followed when slots move to the other shard', async () => {
    const cache = environment();
    await until(() => cache.ping().then(() => true));
    const key = freshKey();
    const isHit = async () => (await cache.read({ key, load: async () => found(1) })).source === 'cache';
    await until(isHit);
    const slot = Number(await shards[0].inside.call('CLUSTER', 'KEYSLOT', key));
    const [to, from] = slot < MIDDLE ? [shards[1], shards[0]] : shards;
    const id = String(await to.inside.call('CLUSTER', 'MYID'));
    await from.inside.call('FLUSHALL');
    for (const shard of [to, from]) await shard.inside.call('CLUSTER', 'SETSLOT', slot, 'NODE', id);
    await until(isHit);
    expect(await to.inside.exists(key)).toBe(1);
  });
});
