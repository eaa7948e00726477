import { setTimeout as pause } from 'node:timers/promises';
import type { Cache } from '../../../lambdas/cache';
import { floorKey, leaseKey } from '../../../lambdas/cache/keys';
import { Link } from './link';
import { found } from './loaders';
import { freshKey, TwoRegions } from './two-regions';
import { until } from './until';

/** Short enough to wait for a frozen server, long enough for a busy machine. */
const TIMEOUT_MS = 500;
const PROMPT = { timeoutsMs: { local: TIMEOUT_MS, other: TIMEOUT_MS } };

let regions: TwoRegions;
const complaints = jest.spyOn(console, 'error');
beforeAll(async () => {
  regions = await TwoRegions.start();
});
afterEach(() => expect(complaints).not.toHaveBeenCalled());
afterAll(() => regions.stop());

/** How long each of these reads took, one after another. */
async function durationsMs(cache: Cache, reads: number): Promise<number[]> {
  const durations: number[] = [];
  for (let read = 0; read < reads; read++) {
    const began = performance.now();
    expect(await cache.read({ key: freshKey(), load: async () => found(1) })).toMatchObject({ source: 'loaded' });
    durations.push(performance.now() - began);
    await pause(10);
  }
  return durations;
}

const isHit = async (cache: Cache, key: string) =>
  (await cache.read({ key, load: async () => found(1) })).source === 'cache';

const uptimeS = async () => Number(/uptime_in_seconds:(\d+)/.exec(await regions.A.inside.info('server'))?.[1]);

test('a cache that is only slow is known to live, whatever the breaker says', async () => {
  const cache = await regions.environment('A', { timeoutsMs: { local: 50, other: 50 } });
  await regions.A.inside.call('CLIENT', 'PAUSE', '800', 'ALL');
  for (let call = 0; call < 8; call++) await expect(cache.ping()).rejects.toThrow();
  await expect(cache.probe('A')).resolves.toBeUndefined();
  await regions.A.kill();
  try {
    await expect(cache.probe('A')).rejects.toThrow();
  } finally {
    await regions.A.restart();
    await regions.A.untilServing();
  }
});

describe('a local cache that is killed', () => {
  it('costs reads little, and serves again by itself when it is back', async () => {
    const cache = await regions.environment('A', PROMPT);
    const key = freshKey();
    await until(() => isHit(cache, key));
    await regions.A.kill();
    try {
      const durations = await durationsMs(cache, 60);
      // A connection that breaks off is noticed, one that is refused as well, and then the breaker is open.
      expect(durations.filter((ms) => ms >= TIMEOUT_MS).length).toBeLessThan(6);
      expect(await cache.peekMany([key])).toEqual([undefined]);
      await expect(cache.ping()).rejects.toThrow();
    } finally {
      await regions.A.restart();
    }
    await regions.A.untilServing();
    await until(() => isHit(cache, key));
  });

  it('lets an environment start without it, and finds it later', async () => {
    await regions.A.kill();
    let cache: Cache;
    try {
      cache = await regions.environment('A', PROMPT);
      const durations = await durationsMs(cache, 60);
      expect(durations.filter((ms) => ms >= TIMEOUT_MS).length).toBeLessThan(durations.length / 2);
    } finally {
      await regions.A.restart();
    }
    await regions.A.untilServing();
    const key = freshKey();
    await until(() => isHit(cache, key));
  });

  it('refuses at once, rather than to keep what it is told for later', async () => {
    const patient = await regions.environment('A');
    await regions.A.kill();
    try {
      await expect(patient.ping()).rejects.toThrow();
      const began = performance.now();
      for (let call = 0; call < 4; call++) await expect(patient.getText('text')).rejects.toThrow();
      expect(performance.now() - began).toBeLessThan(2000);
    } finally {
      await regions.A.restart();
    }
    await regions.A.untilServing();
  });

  it('shares the load of concurrent reads all the same', async () => {
    const cache = await regions.environment('A', PROMPT);
    await regions.A.kill();
    try {
      await durationsMs(cache, 30);
      const key = freshKey();
      const load = jest.fn(async () => {
        await pause(20);
        return found(1);
      });
      await Promise.all(Array.from({ length: 300 }, () => cache.read({ key, load })));
      expect(load.mock.calls.length).toBeLessThanOrEqual(2);
    } finally {
      await regions.A.restart();
    }
    await regions.A.untilServing();
  });

  it('race 19: is not filled from a copy that may have missed what its lost fences said', async () => {
    const cache = await regions.environment('A');
    const key = freshKey();
    await cache.fence([{ key, version: 2 }]);
    await regions.A.kill();
    await regions.A.restart();
    await regions.A.untilServing();
    expect(await regions.A.inside.exists(floorKey(key))).toBe(0);
    // A replica that is up to 50 s behind still has the version of before the fence.
    const stale = { ...found(1), behindMs: 50_000 };
    await until(async () => (await cache.ping().then(() => true)) && (await uptimeS()) >= 2);
    expect(await cache.read({ key, load: async () => stale })).toMatchObject({ source: 'loaded' });
    expect(await regions.A.inside.exists(key)).toBe(0);
    // What is at most half a second behind was read after the start, and so may be what the writer has.
    await cache.read({ key, load: async () => ({ ...found(2), behindMs: 500 }) });
    expect(await regions.A.inside.exists(key)).toBe(1);
  });
});

describe('a local cache that is frozen', () => {
  it('costs only some reads its timeout, and serves again when it moves', async () => {
    const cache = await regions.environment('A', PROMPT);
    const key = freshKey();
    await until(() => isHit(cache, key));
    regions.A.freeze();
    try {
      const durations = await durationsMs(cache, 150);
      // Some until the breaker opens, and then one probe in half a second.
      expect(durations.filter((ms) => ms >= TIMEOUT_MS).length).toBeLessThan(durations.length / 2);
    } finally {
      regions.A.thaw();
    }
    await until(() => isHit(cache, key));
  });

  it('is not asked for a lease by a read that it has not answered', async () => {
    const cache = await regions.environment('A', PROMPT);
    const key = freshKey();
    regions.A.freeze();
    expect(await cache.read({ key, load: async () => found(1) })).toMatchObject({ source: 'loaded' });
    regions.A.thaw();
    // By now it has done whatever it was asked before.
    await cache.ping();
    expect(await regions.A.inside.exists(leaseKey(key))).toBe(0);
  });

  it('is not given up for one stall, however many calls it fails', async () => {
    const cache = await regions.environment('A', PROMPT);
    regions.A.freeze();
    const stalled = await Promise.allSettled(Array.from({ length: 50 }, () => cache.getText('text')));
    regions.A.thaw();
    expect(stalled.every(({ status }) => status === 'rejected')).toBe(true);
    await expect(cache.ping()).resolves.toBeUndefined();
  });

  it('race 2: refuses what it is told late by a reader whose lease has run out meanwhile', async () => {
    const [paused, other] = await Promise.all([regions.environment('A'), regions.environment('A')]);
    const key = freshKey();
    const stuck = paused.read({
      key,
      load: async () => {
        regions.A.freeze();
        setTimeout(() => regions.A.thaw(), 3500);
        return found(1);
      },
    });
    await stuck;
    expect(await regions.A.inside.exists(key)).toBe(0);
    expect(await isHit(other, key)).toBe(false);
    expect(await isHit(other, key)).toBe(true);
  });
});

describe('a connection', () => {
  it('that was closed is made again', async () => {
    const cache = await regions.environment('A', PROMPT);
    const key = freshKey();
    await until(() => isHit(cache, key));
    await regions.A.inside.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until(() => isHit(cache, key));
  });

  it('on which nothing comes back any more is given up for a new one', async () => {
    const link = await Link.to(regions.A.port);
    await regions.A.inside.config('SET', 'cluster-announce-port', link.port);
    const endpoints = { A: { ...regions.A.address, port: link.port }, B: regions.B.address };
    const cache = await regions.environment('A', { ...PROMPT, endpoints });
    const key = freshKey();
    try {
      await until(() => isHit(cache, key));
      link.silence();
      await until(async () => !(await isHit(cache, key)));
      // What was open then stays silent for ever, as behind a firewall that has forgotten it.
      link.takeNewConnections();
      await until(() => isHit(cache, key));
    } finally {
      await cache.close();
      await link.close();
      await regions.A.inside.config('SET', 'cluster-announce-port', regions.A.port);
    }
  });
});
