import type { UnitDecision } from '../../../lambdas/arbiter';
import { unintended } from '../../../lambdas/failover/staleness/told';
import { encodeMemberId } from '../../../lambdas/shards';
import { SHARD_MAP } from '../../../topology';

/** An id of a member of this unit. */
function memberOf(unit: string): string {
  const range = SHARD_MAP.find((one) => one.unit === unit);
  if (range === undefined) throw new Error(`there is no unit ${unit}`);
  return encodeMemberId({ placement: range.from, drawnAtMs: Date.UTC(2026, 0, 1), region: 'A', layout: 0, random: 1 });
}

const decided = (unit: string, mode: UnitDecision['mode']): UnitDecision => ({
  unit,
  epoch: 5,
  writer: 'A',
  mode,
  renewals: 3,
  grantedMs: 10_000,
});

const [a1, b1] = [memberOf('a1'), memberOf('b1')];
const found = [
  { memberId: a1, kind: 'ahead' },
  { memberId: b1, kind: 'ahead' },
  { memberId: b1, kind: 'denied' },
  { memberId: b1, kind: 'behind' },
];

test('what differs is told while units are written in their databases', () => {
  expect(unintended(found, [decided('a1', 'database'), decided('b1', 'database')])).toEqual(found);
});

test.each(['fallback', 'read-only'] as const)('documents lead the rows of a unit in mode %s by intention', (mode) => {
  const told = unintended(found, [decided('a1', 'database'), decided('b1', mode)]);
  expect(told).toEqual([
    { memberId: a1, kind: 'ahead' },
    { memberId: b1, kind: 'behind' },
  ]);
});
