import { decodeEntry, encodeEntry } from '../../../lambdas/cache/entry';
import { floorKey, leaseKey, marksKey } from '../../../lambdas/cache/keys';
import { CacheServer } from '../../../lambdas/cache/server';
import { systemClock, versionOf } from '../../../lambdas/core';
import { RedisServer } from './redis-server';
import { freshKey, silent } from './two-regions';
import { until } from './until';

const GENERATION = 7;

let redis: RedisServer;
let server: CacheServer;
beforeAll(async () => {
  redis = await RedisServer.start();
  // Rules are at stake here, not speed: a busy machine must not fail them.
  server = new CacheServer({ region: 'A', address: redis.address, timeoutMs: 5000, clock: systemClock, log: silent });
  await server.ping();
});
afterAll(async () => {
  server.close();
  await redis.stop();
});

const lease = (key: string, token = 'mine', generation = GENERATION, minVersion = 0) =>
  server.getOrLease(key, generation, minVersion, token);

function fill(key: string, version: number, token = 'mine', generation = GENERATION) {
  const text = encodeEntry({ version, flag: 'v', body: `body of ${version}` }, generation);
  return server.fill(key, { token, generation, version, text, lifeMs: 60_000 });
}

async function cached(key: string) {
  return decodeEntry(await server.get(key), 0)?.version;
}

async function filled(version: number, generation = GENERATION): Promise<string> {
  const key = freshKey();
  await lease(key, 'first', generation);
  expect(await fill(key, version, 'first', generation)).toBe('filled');
  return key;
}

/** As if the lease had run out. */
const expireLease = (key: string) => redis.inside.del(leaseKey(key));

describe('getOrLease', () => {
  it('race 17: gives the lease to one reader only', async () => {
    const key = freshKey();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, reader) => lease(key, `reader ${reader}`)));
    expect(answers.filter((answer) => answer.kind === 'lease')).toHaveLength(1);
    expect(answers.filter((answer) => answer.kind === 'filling')).toHaveLength(49);
  });

  it('race 17: gives a lease for 3 s, so that a filler who dies keeps nobody waiting for long', async () => {
    const key = freshKey();
    await lease(key);
    const lifeMs = await redis.inside.pttl(leaseKey(key));
    expect(lifeMs).toBeGreaterThan(1000);
    expect(lifeMs).toBeLessThanOrEqual(3000);
  });

  it('answers the value where there is one', async () => {
    const key = await filled(5);
    const answer = await lease(key);
    expect(answer.kind === 'value' && decodeEntry(answer.text, GENERATION)).toEqual({
      version: 5,
      flag: 'v',
      body: 'body of 5',
    });
  });

  it('leases what is below the version that the reader asks for', async () => {
    const key = await filled(5);
    expect((await lease(key, 'mine', GENERATION, 5)).kind).toBe('value');
    expect((await lease(key, 'mine', GENERATION, 6)).kind).toBe('lease');
  });

  it('race 4: tells the floor, to the last digit', async () => {
    const key = freshKey();
    const version = versionOf(2 ** 20, 2 ** 32 - 1);
    await server.fence({ key, version });
    expect(await lease(key)).toMatchObject({ kind: 'lease', floor: version });
    expect(await lease(key)).toMatchObject({ kind: 'filling', floor: version });
  });

  it('tells for how long the server has been running', async () => {
    const uptimeS = Number(/uptime_in_seconds:(\d+)/.exec(await redis.inside.info('server'))?.[1]);
    const answer = await lease(freshKey());
    expect(answer.kind === 'lease' && answer.uptimeS).toBeGreaterThanOrEqual(uptimeS);
    expect(answer.kind === 'lease' && answer.uptimeS).toBeLessThanOrEqual(uptimeS + 30);
  });
});

describe('fill', () => {
  it('needs the lease', async () => {
    const key = freshKey();
    expect(await fill(key, 5)).toBe('no-lease');
    await lease(key, 'theirs');
    expect(await fill(key, 5, 'mine')).toBe('no-lease');
    expect(await cached(key)).toBeUndefined();
    expect(await fill(key, 5, 'theirs')).toBe('filled');
  });

  it('races 2, 19: is refused when the lease has run out, also when somebody else has it by then', async () => {
    const key = freshKey();
    await lease(key, 'slow');
    await expireLease(key);
    expect(await fill(key, 5, 'slow')).toBe('no-lease');
    await lease(key, 'next');
    expect(await fill(key, 5, 'slow')).toBe('no-lease');
    expect(await fill(key, 6, 'next')).toBe('filled');
    expect(await cached(key)).toBe(6);
  });

  it('uses the lease up', async () => {
    const key = freshKey();
    await lease(key);
    await fill(key, 5);
    expect(await fill(key, 6)).toBe('no-lease');
  });

  it('races 2, 5: is refused below the floor', async () => {
    const key = freshKey();
    await lease(key);
    await server.fence({ key, version: 6 });
    expect(await fill(key, 5)).toBe('below-floor');
    expect(await cached(key)).toBeUndefined();
    await lease(key);
    expect(await fill(key, 6)).toBe('filled');
  });

  it('race 4: compares versions as numbers of 53 bits, not as texts or as rounded ones', async () => {
    const high = versionOf(2 ** 20, 2 ** 31);
    const key = await filled(high);
    await lease(key, 'mine', GENERATION, high + 1);
    expect(await fill(key, high - 1)).toBe('kept');
    await lease(key, 'mine', GENERATION, high + 1);
    expect(await fill(key, high + 1)).toBe('filled');
    const short = await filled(10);
    await lease(short, 'mine', GENERATION, 11);
    expect(await fill(short, 9)).toBe('kept');
  });

  it('race 4: keeps what is present at the same version or above', async () => {
    const key = await filled(5);
    await lease(key, 'mine', GENERATION, 6);
    expect(await fill(key, 5)).toBe('kept');
    await lease(key, 'mine', GENERATION, 6);
    expect(await fill(key, 4)).toBe('kept');
    expect(await cached(key)).toBe(5);
  });

  it('keeps a value as long as it was told', async () => {
    const key = await filled(5);
    const lifeMs = await redis.inside.pttl(key);
    expect(lifeMs).toBeGreaterThan(50_000);
    expect(lifeMs).toBeLessThanOrEqual(60_000);
  });
});

describe('release', () => {
  it('race 19: gives back the own lease only', async () => {
    const key = freshKey();
    await lease(key, 'mine');
    await server.release(key, 'theirs');
    expect((await lease(key, 'other')).kind).toBe('filling');
    await server.release(key, 'mine');
    expect((await lease(key, 'other')).kind).toBe('lease');
  });
});

describe('mark', () => {
  it('race 2: deletes the value and voids the lease', async () => {
    const key = await filled(5);
    await lease(key, 'mine', GENERATION, 6);
    await server.mark(key, 'write');
    expect(await cached(key)).toBeUndefined();
    expect(await fill(key, 6)).toBe('no-lease');
  });

  it('lets nobody have a lease, for 2 s', async () => {
    const key = freshKey();
    await server.mark(key, 'write');
    expect((await lease(key)).kind).toBe('marked');
    expect(await redis.inside.pttl(marksKey(key))).toBeLessThanOrEqual(2000);
    await until(async () => (await lease(key)).kind === 'lease');
  });

  it('ends with the fence of its own operation only', async () => {
    const key = freshKey();
    await server.mark(key, 'one');
    await server.mark(key, 'other');
    await server.fence({ key, version: 5 }, 'other');
    expect((await lease(key)).kind).toBe('marked');
    await server.fence({ key, version: 4 }, 'one');
    expect((await lease(key)).kind).toBe('lease');
  });

  it('is not ended by a fence that names no operation', async () => {
    const key = freshKey();
    await server.mark(key, 'write');
    await server.fence({ key, version: 5 });
    expect((await lease(key)).kind).toBe('marked');
  });

  it('ends one by one where several operations mark a key', async () => {
    const key = freshKey();
    await server.mark(key, 'forgotten');
    await redis.inside.zadd(marksKey(key), Date.now() - 1, 'forgotten');
    await redis.inside.zadd(marksKey(key), Date.now() + 60_000, 'under way');
    expect((await lease(key)).kind).toBe('marked');
    expect(await redis.inside.zrange(marksKey(key), 0, '-1')).toEqual(['under way']);
  });
});

describe('fence', () => {
  it('races 2, 4: deletes what is older, and only that', async () => {
    const key = await filled(5);
    await server.fence({ key, version: 5 });
    expect(await cached(key)).toBe(5);
    await server.fence({ key, version: 6 });
    expect(await cached(key)).toBeUndefined();
  });

  it('race 4: never lowers the floor', async () => {
    const key = freshKey();
    await server.fence({ key, version: 9 });
    await server.fence({ key, version: 3 });
    expect(await lease(key)).toMatchObject({ floor: 9 });
  });

  it('race 2: stands for 120 s, longer than any request is in flight, and longer when it is set again', async () => {
    const key = freshKey();
    await server.fence({ key, version: 9 });
    const lifeMs = await redis.inside.pttl(floorKey(key));
    expect(lifeMs).toBeGreaterThan(110_000);
    expect(lifeMs).toBeLessThanOrEqual(120_000);
    await redis.inside.pexpire(floorKey(key), 1000);
    await server.fence({ key, version: 9 });
    expect(await redis.inside.pttl(floorKey(key))).toBeGreaterThan(110_000);
  });

  it('survives that the value is deleted', async () => {
    const key = freshKey();
    await server.fence({ key, version: 9 });
    await lease(key);
    await fill(key, 9);
    await server.mark(key, 'write');
    await server.fence({ key, version: 0 }, 'write');
    expect(await lease(key)).toMatchObject({ kind: 'lease', floor: 9 });
  });
});

describe('generations', () => {
  it('race 48: make values of a lower one misses, which are replaced even at the same version', async () => {
    const key = await filled(5, 7);
    expect((await lease(key, 'mine', 8)).kind).toBe('lease');
    expect(await fill(key, 5, 'mine', 8)).toBe('filled');
    expect((await lease(key, 'mine', 8)).kind).toBe('value');
  });

  it('race 48: keep a fill that began under a lower one from replacing one of the higher', async () => {
    const key = await filled(5, 8);
    await lease(key, 'late', 7, 6);
    expect(await fill(key, 5, 'late', 7)).toBe('kept');
    expect(decodeEntry(await server.get(key), 8)?.version).toBe(5);
  });

  it('race 48: share their fences: what an older one fenced is not filled under a newer', async () => {
    const key = freshKey();
    await lease(key, 'mine', 7);
    await server.fence({ key, version: 6 });
    await server.release(key, 'mine');
    await lease(key, 'mine', 8);
    expect(await fill(key, 5, 'mine', 8)).toBe('below-floor');
  });
});

describe('a server that lost its functions', () => {
  it('is told them again', async () => {
    const key = freshKey();
    await lease(key);
    await redis.inside.script('FLUSH');
    expect(await fill(key, 5)).toBe('filled');
  });
});
