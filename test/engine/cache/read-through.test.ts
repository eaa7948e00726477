import { setTimeout as pause } from 'node:timers/promises';
import type { Cache } from '../../../lambdas/cache';
import { floorKey, leaseKey } from '../../../lambdas/cache/keys';
import { found, gatedLoader, loader, versionIn } from './loaders';
import { freshKey, TwoRegions } from './two-regions';
import { until } from './until';

let regions: TwoRegions;
let cache: Cache;
beforeAll(async () => {
  regions = await TwoRegions.start();
  cache = await regions.environment('A');
});
afterAll(() => regions.stop());

/** What is in region A's Redis, whatever its generation. */
const stored = (key: string) => regions.A.inside.get(key);

describe('read', () => {
  it('loads once, and finds it in the cache from then on', async () => {
    const key = freshKey();
    const load = loader(found(5));
    expect(await cache.read({ key, load })).toEqual({ source: 'loaded', found: found(5) });
    expect(await cache.read({ key, load })).toEqual({ source: 'cache', entry: found(5).entry });
    expect(await cache.peekMany([freshKey(), key])).toEqual([undefined, found(5).entry]);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('gives back the bytes as they were, whatever they are', async () => {
    const key = freshKey();
    const body = '{"name":"Zoë 李小龙 🦜","note":"\\u0000\\r\\n$5"}';
    await cache.read({ key, load: loader(found(5, body)) });
    const again = await cache.read({ key, load: loader(found(6)) });
    expect(again).toEqual({ source: 'cache', entry: { version: 5, flag: 'v', body } });
  });

  it('skips what is below the version that the request has seen, and replaces it', async () => {
    const key = freshKey();
    await cache.read({ key, load: loader(found(5)) });
    const load = loader(found(6));
    expect(await cache.read({ key, minVersion: 6, load })).toEqual({ source: 'loaded', found: found(6) });
    expect(await cache.read({ key, minVersion: 6, load })).toMatchObject({ source: 'cache', entry: { version: 6 } });
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('tells the loader the floor', async () => {
    const key = freshKey();
    await cache.fence([{ key, version: 9 }]);
    const load = loader(found(9));
    await cache.read({ key, load });
    expect(load).toHaveBeenCalledWith({ floor: 9 });
  });

  it('race 5: tells it also to a loader that may not fill: somebody else does, or a write is under way', async () => {
    const other = await regions.environment('A');
    const [filling, marked] = [freshKey(), freshKey()];
    await cache.fence([filling, marked].map((key) => ({ key, version: 9 })));
    const hanging = gatedLoader(found(9));
    const slow = cache.read({ key: filling, load: hanging.load });
    await until(() => hanging.load.mock.calls.length > 0);
    await cache.mark([marked], 'write');
    for (const key of [filling, marked]) {
      const load = loader(found(9));
      await other.read({ key, load });
      expect(load).toHaveBeenCalledWith({ floor: 9 });
    }
    hanging.open();
    await slow;
  });

  it('race 41: never stores what a loader calls uncacheable, and lets the next one load at once', async () => {
    const key = freshKey();
    const load = loader({ kind: 'uncacheable', value: 'from a search domain' });
    for (let read = 0; read < 3; read++) {
      expect(await cache.read({ key, load })).toMatchObject({ found: { kind: 'uncacheable' } });
    }
    expect(await stored(key)).toBeNull();
    await cache.read({ key, load: loader(found(5)) });
    expect(await stored(key)).not.toBeNull();
  });

  it('lets the failure of a load through, and the next one load at once', async () => {
    const key = freshKey();
    const failure = new Error('the database is down');
    await expect(cache.read({ key, load: () => Promise.reject(failure) })).rejects.toBe(failure);
    await cache.read({ key, load: loader(found(5)) });
    expect(await stored(key)).not.toBeNull();
  });

  it('races 16, 17: keeps negatives as long as they say, values for ten minutes, both with some jitter', async () => {
    const [brief, long] = [freshKey(), freshKey()];
    const lives = new Set<number>();
    for (let fill = 0; fill < 10; fill++) {
      await regions.A.inside.del(brief, floorKey(brief), leaseKey(brief));
      await cache.read({ key: brief, load: loader({ ...found(1, ''), ttlMs: 20_000 }) });
      const lifeMs = await regions.A.inside.pttl(brief);
      expect(lifeMs).toBeGreaterThan(15_000);
      expect(lifeMs).toBeLessThanOrEqual(22_000);
      lives.add(Math.round(lifeMs / 100));
    }
    expect(lives.size).toBeGreaterThan(3);
    await cache.read({ key: long, load: loader(found(1)) });
    expect(await regions.A.inside.pttl(long)).toBeGreaterThan(530_000);
    expect(await regions.A.inside.pttl(long)).toBeLessThanOrEqual(660_000);
  });

  it('race 5: stores nothing that was read below the floor, or from too far behind', async () => {
    const key = freshKey();
    await cache.fence([{ key, version: 9 }]);
    await cache.read({ key, load: loader(found(8)) });
    expect(await stored(key)).toBeNull();
    await cache.read({ key, load: loader({ ...found(9), behindMs: 60_001 }) });
    expect(await stored(key)).toBeNull();
  });
});

describe('a stampede', () => {
  it('race 17: of one environment comes to one load', async () => {
    const key = freshKey();
    const { load, open } = gatedLoader(found(5));
    const reads = Array.from({ length: 500 }, () => cache.read({ key, load }));
    await until(() => load.mock.calls.length > 0);
    open();
    const outcomes = await Promise.all(reads);
    expect(outcomes.every((outcome) => versionIn(outcome) === 5)).toBe(true);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('race 17: of many environments comes to one load, as long as it is brief', async () => {
    const environments = await Promise.all(Array.from({ length: 8 }, () => regions.environment('A')));
    const key = freshKey();
    const load = jest.fn(async () => {
      await pause(5);
      return found(5);
    });
    const reads = environments.flatMap((each) => Array.from({ length: 20 }, () => each.read({ key, load })));
    const outcomes = await Promise.all(reads);
    expect(outcomes.every((outcome) => versionIn(outcome) === 5)).toBe(true);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('race 17: does not wait long for a filler that hangs, and does not fill beside it', async () => {
    const [first, second] = await Promise.all([regions.environment('A'), regions.environment('A')]);
    const key = freshKey();
    const hanging = gatedLoader(found(5));
    const slow = first.read({ key, load: hanging.load });
    await until(() => hanging.load.mock.calls.length > 0);
    const load = loader(found(6));
    expect(await second.read({ key, load })).toEqual({ source: 'loaded', found: found(6) });
    expect(await stored(key)).toBeNull();
    hanging.open();
    await slow;
  });
});

describe('a shared load', () => {
  it('is not given to a request that began after it: what was written in between is in its answer', async () => {
    const key = freshKey();
    const before = gatedLoader(found(1));
    const early = cache.read({ key, load: before.load });
    await until(() => before.load.mock.calls.length > 0);
    // A write that the cache has not heard of, and was answered; then somebody asks.
    expect(versionIn(await cache.read({ key, load: loader(found(2)) }))).toBe(2);
    before.open();
    expect(versionIn(await early)).toBe(1);
  });

  it('is no answer to a request that has seen more', async () => {
    const key = freshKey();
    const { load, open } = gatedLoader(found(5));
    const modest = cache.read({ key, load });
    const demanding = cache.read({ key, minVersion: 6, load: loader(found(6)) });
    open();
    expect(versionIn(await modest)).toBe(5);
    expect(versionIn(await demanding)).toBe(6);
  });

  it('fails only those who asked for as much', async () => {
    const key = freshKey();
    const tooMuch = cache.read({ key, minVersion: 1000, load: () => Promise.reject(new Error('nobody has that')) });
    const modest = cache.read({ key, load: loader(found(5)) });
    await expect(tooMuch).rejects.toThrow('nobody has that');
    expect(versionIn(await modest)).toBe(5);
  });
});

describe('marks and fences', () => {
  it('race 2: keep a reader that was paused from filling what it read before the write', async () => {
    const key = freshKey();
    const { load, open } = gatedLoader(found(1));
    const reader = cache.read({ key, load });
    await until(() => load.mock.calls.length > 0);
    await cache.mark([key], 'write');
    await cache.fence([{ key, version: 2 }], 'write');
    open();
    await reader;
    expect(await stored(key)).toBeNull();
  });

  it('race 2: keep it from doing so also when the mark was lost', async () => {
    const key = freshKey();
    const { load, open } = gatedLoader(found(1));
    const reader = cache.read({ key, load });
    await until(() => load.mock.calls.length > 0);
    await cache.fence([{ key, version: 2 }]);
    open();
    await reader;
    expect(await stored(key)).toBeNull();
  });

  it('race 16: keep a negative from hiding what was bound after it', async () => {
    const key = freshKey();
    await cache.read({
      key,
      load: loader({ kind: 'fillable', entry: { version: 4, flag: 'n', body: '' }, behindMs: 0 }),
    });
    await cache.fence([{ key, version: 5 }]);
    const load = loader(found(5, '1234'));
    expect(await cache.read({ key, load })).toMatchObject({ source: 'loaded' });
    expect(await cache.read({ key, load })).toMatchObject({ source: 'cache', entry: { flag: 'v', body: '1234' } });
  });
});

describe('generations and modes', () => {
  it('race 48: empty the region at once when the generation rises, for whoever knows it', async () => {
    const [old, informed] = await Promise.all([regions.environment('A'), regions.environment('A')]);
    old.setGeneration(1);
    informed.setGeneration(1);
    const key = freshKey();
    await old.read({ key, load: loader(found(5)) });
    informed.setGeneration(2);
    expect(await informed.peekMany([key])).toEqual([undefined]);
    expect(await informed.read({ key, load: loader(found(5)) })).toMatchObject({ source: 'loaded' });
    expect(await informed.read({ key, load: loader(found(5)) })).toMatchObject({ source: 'cache' });
    // It has not heard yet: what others filled since then serves it as well, so that they don't replace each other's.
    expect(await old.read({ key, load: loader(found(5)) })).toMatchObject({ source: 'cache' });
  });

  it('race 48: leave a fill that began before the rise a miss', async () => {
    const environment = await regions.environment('A');
    environment.setGeneration(1);
    const key = freshKey();
    const { load, open } = gatedLoader(found(5));
    const reader = environment.read({ key, load });
    await until(() => load.mock.calls.length > 0);
    environment.setGeneration(2);
    open();
    await reader;
    expect(await environment.peekMany([key])).toEqual([undefined]);
  });

  it('bypass the cache when it is off, and fence it all the same', async () => {
    const environment = await regions.environment('A');
    const key = freshKey();
    await environment.read({ key, load: loader(found(5)) });
    environment.setMode('off');
    expect(await environment.read({ key, load: loader(found(6)) })).toEqual({ source: 'loaded', found: found(6) });
    expect(await environment.peekMany([key])).toEqual([undefined]);
    await environment.fence([{ key, version: 6 }]);
    environment.setMode('on');
    expect(await environment.peekMany([key])).toEqual([undefined]);
  });
});

describe('small texts', () => {
  it('are set in both regions and read in each', async () => {
    const key = `switches:${process.pid}`;
    const other = await regions.environment('B');
    expect(await other.getText(key)).toBeUndefined();
    await cache.setTextBoth(key, '{"revision":3}', 60_000);
    expect(await cache.getText(key)).toBe('{"revision":3}');
    expect(await other.getText(key)).toBe('{"revision":3}');
    expect(await regions.B.inside.pttl(key)).toBeLessThanOrEqual(60_000);
  });
});
