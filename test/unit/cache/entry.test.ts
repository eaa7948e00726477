import fc from 'fast-check';
import {
  type Cache,
  FENCE_LIFE_MS,
  type Fillable,
  lookupKey,
  MOST_BEHIND_MS,
  memberKey,
  type Uncacheable,
} from '../../../lambdas/cache';
import { decodeEntry, encodeEntry, mayFill } from '../../../lambdas/cache/entry';
import { floorKey, leaseKey, marksKey, unfencedKey, unfencedSinceKey } from '../../../lambdas/cache/keys';
import { jittered, LEASE_LIFE_MS } from '../../../lambdas/cache/lifetimes';
import type { CacheServer } from '../../../lambdas/cache/server';

const anyEntry = fc.record({
  version: fc.maxSafeNat(),
  flag: fc.constantFrom('v', 'c', 'n'),
  body: fc.string({ unit: 'grapheme' }),
});

describe('an entry', () => {
  it('comes back as it was stored', () => {
    fc.assert(
      fc.property(anyEntry, fc.maxSafeNat(), (entry, generation) => {
        expect(decodeEntry(encodeEntry(entry, generation), generation)).toEqual(entry);
      }),
    );
  });

  it('is a miss under a higher generation, and a hit under a lower one', () => {
    fc.assert(
      fc.property(
        anyEntry,
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.integer({ min: 1, max: 1000 }),
        (entry, low, by) => {
          expect(decodeEntry(encodeEntry(entry, low), low + by)).toBeUndefined();
          expect(decodeEntry(encodeEntry(entry, low + by), low)).toEqual(entry);
        },
      ),
    );
  });

  it('is nothing where there is nothing, or something else', () => {
    expect(decodeEntry(null, 0)).toBeUndefined();
    expect(decodeEntry('', 0)).toBeUndefined();
    expect(decodeEntry('v1', 0)).toBeUndefined();
  });
});

describe('mayFill', () => {
  const found = (behindMs: number): Fillable => ({
    kind: 'fillable',
    entry: { version: 1, flag: 'v', body: '' },
    behindMs,
  });

  it('takes what the writer says, however young the cache', () => {
    expect(mayFill(found(0), 0)).toBe(true);
  });

  it('takes no copy that may have missed a commit of before the cache was started', () => {
    expect(mayFill(found(3000), 3)).toBe(false);
    expect(mayFill(found(3000), 4)).toBe(true);
    expect(mayFill(found(3001), 4)).toBe(false);
  });

  it('race 5: takes no copy that may have missed a commit whose fence is gone by the end of a lease', () => {
    expect(mayFill(found(MOST_BEHIND_MS), 1e6)).toBe(true);
    expect(mayFill(found(MOST_BEHIND_MS + 1), 1e6)).toBe(false);
    expect(MOST_BEHIND_MS + LEASE_LIFE_MS).toBeLessThan(FENCE_LIFE_MS);
  });

  it('takes nothing of unknown age', () => {
    expect(mayFill(found(Number.NaN), 1e6)).toBe(false);
  });
});

describe('jitter', () => {
  it('stays within a tenth and spreads', () => {
    expect(jittered(1000, () => 0)).toBe(900);
    expect(jittered(1000, () => 0.999999)).toBe(1100);
    expect(jittered(0.1, () => 0)).toBe(1);
  });
});

describe('keys', () => {
  it('carry no personal data', () => {
    expect(lookupKey('account:app', 'zoe@example.com')).toMatch(/^\{k:account:app:[\w-]{43}\}$/);
    expect(lookupKey('account:app', 'zoe')).not.toBe(lookupKey('account:app', 'zoé'));
    expect(lookupKey('account:app', 'zoe')).not.toBe(lookupKey('account:web', 'zoe'));
  });

  it('share one hash tag with all that belongs to them', () => {
    const tagOf = (key: string) => /\{(.+?)\}/.exec(key)?.[1] ?? key;
    for (const key of [memberKey('123'), lookupKey('account:app', 'x{y}')]) {
      for (const derived of [floorKey(key), leaseKey(key), marksKey(key)]) expect(tagOf(derived)).toBe(tagOf(key));
    }
    expect(tagOf(unfencedSinceKey('A'))).toBe(tagOf(unfencedKey('A')));
  });
});

/** Never run: the types are the test. */
async function degradedValuesAreNeverCached(cache: Cache, server: CacheServer, degraded: Uncacheable<string>) {
  // @ts-expect-error: what is uncacheable is nothing to fill.
  mayFill(degraded, 1);
  // @ts-expect-error: nor can it be declared fillable, for it has no entry.
  const fillable: Fillable = { ...degraded, kind: 'fillable', behindMs: 0 };
  // @ts-expect-error: a loader must say how far behind its copy may be.
  await cache.read({ key: 'k', load: async () => ({ kind: 'fillable', entry: fillable.entry }) });
  // @ts-expect-error: and whether its result may be cached.
  await cache.read({ key: 'k', load: async () => 'a default' });
  await cache.read({ key: 'k', load: async () => degraded });
  return server;
}

test('what is degraded is refused by the types of everything that fills', () => {
  // Compiling this file is what proves it: each @ts-expect-error above fails where the types let something through.
  expect(degradedValuesAreNeverCached).toHaveLength(3);
});
