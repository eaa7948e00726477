import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { epochOf, type Fork, isInHistory, versionDigest, versionOf } from '../../../lambdas/core';
import {
  confirmed,
  type Difference,
  differencesOf,
  isRowsToDecide,
  isSame,
  persisting,
} from '../../../lambdas/failover/comparison/differences';
import { BEFORE_ALL, placesAbove, shareUpTo } from '../../../lambdas/failover/comparison/places';
import type { StoredVersion } from '../../../lambdas/search';
import { rangeOf } from '../../../lambdas/shards';

const id = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const version = fc.record({ epoch: fc.nat(3), counter: fc.nat(5) }).map((one) => versionOf(one.epoch, one.counter + 1));
/** A row that came to its epoch from one before, at some version of that. */
const row = fc.record({ version, from: version }).map(({ version: at, from }): { version: number; forks: Fork[] } => {
  const epoch = epochOf(at);
  const forks = epoch > epochOf(from) ? [{ epoch, from, changed: {}, taken: {}, at: '2026-01-01T00:00:00.000Z' }] : [];
  return { version: at, forks };
});

describe('places', () => {
  test('hold every id above a cursor once, where its row stands, and none that was compared', () => {
    fc.assert(
      fc.property(fc.oneof(id, fc.constant(BEFORE_ALL)), id, fc.option(fc.bigInt(0n, 2n)), (cursor, far, near) => {
        // The ids at the cursor itself are the ones that are missed, and nobody draws them by chance.
        const looked = near === null ? far : cursor + near;
        fc.pre(looked < 2n ** 63n);
        const holding = placesAbove(cursor).filter(({ ids }) => ids.first <= looked && looked <= ids.last);
        expect(holding.map(({ range }) => range)).toEqual(looked > cursor ? [rangeOf(String(looked))] : []);
      }),
    );
  });

  test('follow each other, up to the last id of all', () => {
    fc.assert(
      fc.property(id, (cursor) => {
        let next = cursor + 1n;
        for (const { ids } of placesAbove(cursor)) {
          expect(ids.first).toBe(next);
          next = ids.last + 1n;
        }
        expect(next).toBe(2n ** 63n);
      }),
    );
  });

  test('the share of what is done begins at nothing, never falls, and ends at all', () => {
    expect(shareUpTo(BEFORE_ALL)).toBe(0);
    expect(shareUpTo(2n ** 63n - 1n)).toBe(1);
    fc.assert(
      fc.property(id, id, (one, other) => {
        const [low, high] = one < other ? [one, other] : [other, one];
        expect(shareUpTo(low)).toBeLessThanOrEqual(shareUpTo(high));
      }),
    );
  });
});

describe('digests', () => {
  test('are what zlib and the databases compute', () => {
    fc.assert(
      fc.property(id, version, (memberId, at) => {
        expect(versionDigest(String(memberId), at)).toBe(crc32(`${memberId}-${at}`));
      }),
    );
  });

  test('of a version that is too low and one that is too high do not cancel out', () => {
    fc.assert(
      fc.property(id, id, version, fc.integer({ min: 1, max: 9 }), (one, other, at, by) => {
        fc.pre(one !== other);
        const right = versionDigest(String(one), at) + versionDigest(String(other), at);
        expect(versionDigest(String(one), at - by) + versionDigest(String(other), at + by)).not.toBe(right);
      }),
    );
  });

  test('sums are the same only if all of them are', () => {
    const sums = { members: 2, digest: 5, lookups: 3 };
    expect(isSame(sums, sums)).toBe(true);
    for (const name of ['members', 'digest', 'lookups'] as const) {
      expect(isSame(sums, { ...sums, [name]: sums[name] + 1 })).toBe(false);
    }
  });
});

describe('differences', () => {
  const members = fc.uniqueArray(fc.nat(20).map(String), { maxLength: 12 });
  const rowsOf = members.chain((ids) => fc.tuple(...ids.map((memberId) => row.map((one) => ({ memberId, ...one })))));
  const storedOf = rowsOf.chain((rows) =>
    fc.tuple(
      ...rows.map((row) =>
        fc.boolean().map((isWhole): StoredVersion => {
          const { memberId, version: at } = row;
          return { memberId, version: at, digest: isWhole ? digestOf(row) : undefined };
        }),
      ),
    ),
  );

  test('name each member that is not the same in both, and no other', () => {
    fc.assert(
      fc.property(rowsOf, storedOf, (rows, stored) => {
        const found = new Map(differencesOf(rows, stored).map((one) => [one.memberId, one.kind]));
        for (const memberId of new Set([...rows, ...stored].map((one) => one.memberId))) {
          const row = rows.find((one) => one.memberId === memberId);
          const other = stored.find((one) => one.memberId === memberId);
          expect(found.get(memberId)).toBe(expectedKind(row, other));
        }
      }),
    );
  });

  test('that are gone when both are read again were movement', () => {
    fc.assert(
      fc.property(rowsOf, storedOf, rowsOf, storedOf, (rows, stored, rowsThen, storedThen) => {
        const suspected = differencesOf(rows, stored);
        const domain = byId(storedThen);
        const now = confirmed(suspected, domain, new Map(rowsThen.map((row) => [row.memberId, row])));
        const expected = differencesOf(rowsThen, storedThen).map(({ memberId }) => memberId);
        const asked = new Set(suspected.map(({ memberId }) => memberId));
        const outside = now.filter(({ kind }) => kind !== 'altered');
        expect(outside.every(({ memberId }) => asked.has(memberId) && expected.includes(memberId))).toBe(true);
      }),
    );
  });

  test('stay only while the domain has not heard of what the row said', () => {
    const behind: Difference = { memberId: '1', kind: 'lower', row: 7, domain: 5 };
    const at = (now: number) => byId([{ memberId: '1', version: now, digest: versionDigest('1', now) }]);
    expect(persisting([behind], at(5))).toEqual([behind]);
    expect(persisting([behind], at(6))).toEqual([behind]);
    expect(persisting([behind], at(7))).toEqual([]);
    expect(persisting([behind], at(9))).toEqual([]);
    expect(persisting([{ ...behind, kind: 'missing' }], new Map())).toHaveLength(1);
  });

  test('are decided by the row unless the domain has what never came to it, or there is none', () => {
    const kinds = ['missing', 'lower', 'altered', 'misled', 'ahead', 'forked', 'unknown'] as const;
    const decided = kinds.filter((kind) => isRowsToDecide({ memberId: '1', kind }));
    expect(decided).toEqual(['missing', 'lower', 'altered', 'misled']);
  });
});

function digestOf(row: { memberId: string; version: number }): number {
  return versionDigest(row.memberId, row.version);
}

function byId(stored: readonly StoredVersion[]): Map<string, StoredVersion> {
  return new Map(stored.map((one) => [one.memberId, one]));
}

function expectedKind(
  row: { version: number; forks: readonly Fork[] } | undefined,
  stored: StoredVersion | undefined,
): Difference['kind'] | undefined {
  if (row === undefined) return stored === undefined ? undefined : 'unknown';
  if (stored === undefined) return 'missing';
  if (stored.version > row.version) return 'ahead';
  if (stored.version < row.version) return isInHistory(stored.version, row) ? 'lower' : 'forked';
  return stored.digest === undefined ? 'altered' : undefined;
}
