import type { Cache } from '../../../lambdas/cache';
import { decodeEntry } from '../../../lambdas/cache/entry';
import { floorKey, marksKey } from '../../../lambdas/cache/keys';
import { CacheServer } from '../../../lambdas/cache/server';
import { isProblem, systemClock, versionOf } from '../../../lambdas/core';
import { otherRegion, REGIONS, type Region } from '../../../topology';
import { found } from './loaders';
import { freshKey, silent, TwoRegions } from './two-regions';
import { until } from './until';

/** Short enough to wait for a frozen server, long enough for a busy machine. */
const PROMPT = { timeoutsMs: { local: 1000, other: 1000 } };

let regions: TwoRegions;
beforeAll(async () => {
  regions = await TwoRegions.start();
});
afterAll(() => regions.stop());

const floorIn = (region: Region, key: string) => regions[region].inside.get(floorKey(key));
const storedIn = (region: Region, key: string) => regions[region].inside.get(key);
const owedTo = (region: Region) =>
  regions[otherRegion(region)].inside.zrange(`unfenced:${region}`, 0, '-1', 'WITHSCORES');

async function filledInBoth(caches: Readonly<Record<Region, Cache>>, version: number): Promise<string> {
  const key = freshKey();
  for (const region of REGIONS) await caches[region].read({ key, load: async () => found(version) });
  for (const region of REGIONS) expect(decodeEntry(await storedIn(region, key), 0)?.version).toBe(version);
  return key;
}

async function environments(options = {}): Promise<Readonly<Record<Region, Cache>>> {
  const [A, B] = await Promise.all([regions.environment('A', options), regions.environment('B', options)]);
  return { A, B };
}

describe('both regions', () => {
  it('are filled again at once after a write that came to nothing, but not while another write is under way', async () => {
    const caches = await environments();
    const key = freshKey();
    await caches.A.mark([key], 'nothing');
    await caches.B.mark([key], 'another');
    await caches.A.unmark([key], 'nothing');
    for (const each of REGIONS) {
      expect(await regions[each].inside.zrange(marksKey(key), 0, '-1')).toEqual(['another']);
      await caches[each].read({ key, load: async () => found(5) });
      expect(await storedIn(each, key)).toBeNull();
    }
    await caches.B.unmark([key], 'another');
    for (const each of REGIONS) {
      await caches[each].read({ key, load: async () => found(5) });
      expect(decodeEntry(await storedIn(each, key), 0)?.version).toBe(5);
    }
  });

  it.each(REGIONS)('are marked and fenced by a write in region %s', async (region) => {
    const caches = await environments();
    const key = await filledInBoth(caches, 5);
    await caches[region].mark([key], 'write');
    for (const each of REGIONS) {
      expect(await storedIn(each, key)).toBeNull();
      expect(await regions[each].inside.zrange(marksKey(key), 0, '-1')).toEqual(['write']);
    }
    await caches[region].fence([{ key, version: 6 }], 'write');
    for (const each of REGIONS) {
      expect(await floorIn(each, key)).toBe('6');
      expect(await regions[each].inside.exists(marksKey(key))).toBe(0);
    }
  });

  it('race 4: take the changes of two writers in any order', async () => {
    const caches = await environments();
    const key = await filledInBoth(caches, 5);
    await caches.A.fence([{ key, version: 7 }]);
    await caches.B.fence([{ key, version: 6 }]);
    for (const region of REGIONS) expect(await floorIn(region, key)).toBe('7');
  });

  it('are fenced one at a time by their events', async () => {
    const caches = await environments();
    const key = await filledInBoth(caches, 5);
    await caches.B.fenceHere([{ key, version: 6 }]);
    expect(await storedIn('B', key)).toBeNull();
    expect(await storedIn('A', key)).not.toBeNull();
  });

  it('take many keys of many slots in one call', async () => {
    const caches = await environments();
    const keys = Array.from({ length: 100 }, freshKey);
    await caches.A.mark(keys, 'import');
    await caches.A.fence(
      keys.map((key) => ({ key, version: 3 })),
      'import',
    );
    for (const region of REGIONS) {
      expect(await Promise.all(keys.map((key) => floorIn(region, key)))).toEqual(keys.map(() => '3'));
    }
  });
});

describe.each([
  ['killed', (region: Region) => regions[region].kill(), (region: Region) => regions[region].restart()],
  ['frozen', async (region: Region) => regions[region].freeze(), async (region: Region) => regions[region].thaw()],
] as const)('a region whose cache is %s', (_, lose, bring) => {
  it('race 49: is kept what it is owed, and told the highest version once it answers', async () => {
    const caches = await environments(PROMPT);
    const [one, other] = [freshKey(), freshKey()];
    const high = versionOf(2 ** 20, 2 ** 31 + 1);
    await lose('B');
    try {
      await caches.A.fence([
        { key: one, version: 7 },
        { key: other, version: 4 },
      ]);
      await caches.A.fence([{ key: one, version: 6 }]);
      await caches.A.fence([{ key: other, version: high }]);
      await until(async () => (await owedTo('B')).length === 4);
      expect(await owedTo('B')).toEqual([one, '7', other, String(high)]);
      expect(await caches.A.replayUnfenced()).toBe(0);
      expect(await owedTo('B')).toHaveLength(4);
    } finally {
      await bring('B');
    }
    await regions.B.untilServing();
    let replayed = 0;
    await until(async () => {
      replayed += await caches.A.replayUnfenced();
      return (await owedTo('B')).length === 0;
    });
    expect(replayed).toBe(2);
    expect(await floorIn('B', one)).toBe('7');
    expect(await floorIn('B', other)).toBe(String(high));
    expect(await regions.A.inside.exists('{unfenced:B}:since')).toBe(0);
    expect(await caches.A.replayUnfenced()).toBe(0);
  });

  it('race 49: is told all that it is owed by the first replay that finds it back', async () => {
    const caches = await environments(PROMPT);
    const keys = Array.from({ length: 30 }, freshKey);
    await lose('B');
    try {
      // In turn, so that the breaker opens: the last ones are refused without being sent.
      for (const key of keys) await caches.A.fence([{ key, version: 7 }]);
      await until(async () => (await owedTo('B')).length === 2 * keys.length);
    } finally {
      await bring('B');
    }
    await regions.B.untilServing();
    await until(async () => (await caches.A.replayUnfenced()) > 0);
    expect(await owedTo('B')).toEqual([]);
  });

  it('race 49: is still owed what it answered with an error when it was told', async () => {
    const caches = await environments(PROMPT);
    const [one, other] = [freshKey(), freshKey()];
    await lose('B');
    try {
      for (const key of [one, other]) await caches.A.fence([{ key, version: 7 }]);
      await until(async () => (await owedTo('B')).length === 4);
    } finally {
      await bring('B');
    }
    await regions.B.untilServing();
    // Nothing that a fence could be compared with.
    await regions.B.inside.del(floorKey(one));
    await regions.B.inside.lpush(floorKey(one), 'a list');
    await until(async () => (await caches.A.replayUnfenced()) > 0);
    expect(await owedTo('B')).toEqual([one, '7']);
    await regions.B.inside.del(floorKey(one));
    expect(await caches.A.replayUnfenced()).toBe(1);
    expect(await floorIn('B', one)).toBe('7');
  });

  it('costs a write in the other region little, and never fails it', async () => {
    const caches = await environments(PROMPT);
    await lose('B');
    try {
      const durationsMs: number[] = [];
      for (let write = 0; write < 20; write++) {
        const began = performance.now();
        await caches.A.mark([freshKey()], `write ${write}`);
        durationsMs.push(performance.now() - began);
      }
      // The first ones may wait for it as long as a call may take, until its breaker opens.
      const waited = durationsMs.filter((ms) => ms >= PROMPT.timeoutsMs.other);
      expect(waited.length).toBeLessThan(durationsMs.length / 2);
    } finally {
      await bring('B');
    }
    await regions.B.untilServing();
  });

  it('race 49: is owed also what its own writers could not tell it', async () => {
    const caches = await environments(PROMPT);
    const key = freshKey();
    await lose('A');
    try {
      await caches.A.mark([key], 'write');
      await caches.A.fence([{ key, version: 7 }], 'write');
      expect(await floorIn('B', key)).toBe('7');
      expect(await owedTo('A')).toEqual([key, '7']);
      const refusal = await caches.A.fenceHere([{ key, version: 7 }]).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(Error);
    } finally {
      await bring('A');
    }
    await regions.A.untilServing();
    await until(async () => (await caches.B.replayUnfenced().catch(() => 0)) === 1);
    expect(await floorIn('A', key)).toBe('7');
  });
});

describe('what is owed', () => {
  it('race 49: is struck out only up to the version that was told', async () => {
    const keeper = new CacheServer({
      region: 'A',
      address: regions.A.address,
      timeoutMs: 5000,
      clock: systemClock,
      log: silent,
    });
    const key = freshKey();
    try {
      await keeper.owe('B', { key, version: 8 });
      const [told] = await keeper.owed('B', 10);
      await keeper.owe('B', { key, version: 9 });
      await keeper.settle('B', told ?? { key, version: 0 });
      expect(await keeper.owed('B', 10)).toEqual([{ key, version: 9 }]);
      await keeper.settle('B', { key, version: 9 });
      expect(await keeper.owed('B', 10)).toEqual([]);
    } finally {
      keeper.close();
    }
  });

  it('is forgotten when every value that it concerns has expired', async () => {
    const caches = await environments(PROMPT);
    const [old, recent] = [freshKey(), freshKey()];
    await regions.B.kill();
    try {
      await caches.A.fence([{ key: old, version: 7 }]);
      await regions.A.inside.zadd('{unfenced:B}:since', Date.now() - 15 * 60_000, old);
      await caches.A.fence([{ key: recent, version: 8 }]);
      expect(await owedTo('B')).toEqual([recent, '8']);
      expect(await regions.A.inside.pttl('unfenced:B')).toBeGreaterThan(12 * 60_000);
      expect(await regions.A.inside.pttl('unfenced:B')).toBeLessThan(15 * 60_000);
    } finally {
      await regions.B.restart();
    }
    await regions.B.untilServing();
    await until(async () => (await caches.A.replayUnfenced()) === 1);
  });

  it("is nobody's trouble when both caches are gone", async () => {
    const caches = await environments(PROMPT);
    await Promise.all([regions.A.kill(), regions.B.kill()]);
    try {
      await caches.A.mark([freshKey()], 'write');
      await caches.A.fence([{ key: freshKey(), version: 1 }], 'write');
      await expect(caches.A.setTextBoth('text', 'x', 1000)).rejects.toThrow();
      await expect(caches.A.getText('text')).rejects.toThrow();
      const refusal = await caches.A.setTextBoth('text', 'x', 1000).catch((error: unknown) => error);
      expect(isProblem(refusal, 'UNAVAILABLE')).toBe(true);
    } finally {
      await Promise.all([regions.A.restart(), regions.B.restart()]);
    }
    await Promise.all([regions.A.untilServing(), regions.B.untilServing()]);
    await until(() => caches.A.ping().then(() => true));
  });
});
