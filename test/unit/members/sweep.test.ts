import type { Claim } from '../../../lambdas/arbiter';
import { sweepClaims } from '../../../lambdas/members';

const claimOf = (unit: string): Claim => ({
  key: `account:app:${unit}`,
  generation: 1,
  state: 'pending',
  memberId: '1',
  operationId: 'o',
  leaseUntilMs: 0,
  unit,
});

test('claims that no row judges keep no others from being finished', async () => {
  const finished: string[] = [];
  const parts = {
    // As many of a unit in fallback as are looked at at once, and one of another unit behind them.
    arbiter: {
      claims: {
        overdue: async (_: number, limit: number, units: readonly string[]) =>
          [...Array.from({ length: limit }, () => claimOf('a1')), claimOf('b1')]
            .filter(({ unit = '' }) => units.includes(unit))
            .slice(0, limit),
      },
    },
    claims: {
      finish: async ({ unit = '' }: Claim) => {
        if (unit === 'a1') throw new Error('unit a1 is in mode fallback');
        finished.push(unit);
        return true;
      },
    },
    region: 'A',
    clock: { nowMs: () => 0 },
    log: { warn: () => undefined },
  };
  const unit = { epoch: 1, writer: 'A' };
  const units = { a1: { ...unit, mode: 'fallback' }, b1: { ...unit, mode: 'database' } };
  expect(await sweepClaims(parts as never, { units } as never)).toBe(1);
  expect(finished).toEqual(['b1']);
});
