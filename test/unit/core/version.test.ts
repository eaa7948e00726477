import fc from 'fast-check';
import {
  counterOf,
  epochOf,
  forksAfter,
  isInHistory,
  MAX_EPOCH,
  type MemberDocument,
  type MemberRow,
  nextVersion,
  parseVersion,
  versionOf,
} from '../../../lambdas/core';

const epoch = fc.integer({ min: 0, max: MAX_EPOCH });
const counter = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test('a version is a safe integer that holds its epoch and counter', () => {
  fc.assert(
    fc.property(epoch, counter, (e, c) => {
      const version = versionOf(e, c);
      expect(Number.isSafeInteger(version)).toBe(true);
      expect([epochOf(version), counterOf(version)]).toEqual([e, c]);
      expect(parseVersion(String(version))).toBe(version);
    }),
  );
});

test('the next version is higher than the row, and in the epoch of its writer unless the row is ahead of it', () => {
  fc.assert(
    fc.property(epoch, fc.integer({ min: 0, max: 2 ** 32 - 2 }), epoch, (e, c, writing) => {
      const next = nextVersion(versionOf(e, c), writing);
      expect(next).toBeGreaterThan(versionOf(e, c));
      expect(epochOf(next)).toBe(Math.max(e, writing));
    }),
  );
});

test.each(['', '01', '-1', '1.0', '1e3', ' 1', '9007199254740993', '99999999999999999999', 'abc'])(
  '%j is no version',
  (text) => {
    expect(parseVersion(text)).toBeUndefined();
  },
);

/** One run of a member's life: writes under rising epochs, where a failover may throw away the newest versions. */
const lives = fc.array(
  fc.oneof(
    fc.constant({ kind: 'write' as const }),
    fc.record({ kind: fc.constant('failover' as const), lost: fc.integer({ min: 0, max: 3 }) }),
  ),
  { maxLength: 30 },
);

test('race 50: a version is in the history of a row exactly if the row descends from it', () => {
  fc.assert(
    fc.property(lives, (life) => {
      let unitEpoch = 1;
      // What the row descends from, the last being itself.
      let line: MemberRow[] = [{ document: documentAt(versionOf(1, 1)), forks: [] }];
      const thrownAway: number[] = [];
      for (const step of life) {
        const current = line.at(-1) as MemberRow;
        if (step.kind === 'write') {
          const document = documentAt(nextVersion(current.document.version, unitEpoch));
          line.push({ document, forks: forksAfter(current, document) });
        } else {
          unitEpoch += 1;
          const kept = line.slice(0, Math.max(1, line.length - step.lost));
          thrownAway.push(...line.slice(kept.length).map(({ document }) => document.version));
          line = kept;
        }
      }
      const { document, forks } = line.at(-1) as MemberRow;
      const row = { version: document.version, forks };
      for (const { document: earlier } of line) expect(isInHistory(earlier.version, row)).toBe(true);
      const rowIsOfNewEpoch = epochOf(row.version) === unitEpoch;
      for (const version of thrownAway) {
        if (version > row.version || rowIsOfNewEpoch) expect(isInHistory(version, row)).toBe(false);
      }
    }),
  );
});

function documentAt(version: number): MemberDocument {
  const at = '2026-01-02T03:04:05.678Z';
  const profile = { name: 'Ada' };
  return { memberId: '1', version, status: 'active', profile, accounts: [], registeredAt: at, updatedAt: at };
}
