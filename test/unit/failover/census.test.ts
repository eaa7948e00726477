import { type CachedEntry, type Fence, lookupKey } from '../../../lambdas/cache';
import { systemClock } from '../../../lambdas/core';
import { canaryOf, takeCensus } from '../../../lambdas/failover';
import { boundOrder } from '../../../lambdas/members';

test('a look-up that misled is forgotten up to its claim, and filled again by a later one', async () => {
  const memberId = canaryOf('a1');
  const generation = 7;
  const entry: CachedEntry = {
    key: lookupKey('account:app', 'moved-away'),
    memberId: undefined,
    version: boundOrder(generation),
    flag: 'v',
    body: memberId,
  };
  // Its member stands at a version of some epoch, which is far above every claim.
  const row = { document: { memberId, version: 3 * 2 ** 32 + 1, profile: { name: 'n' }, accounts: [] } };
  const floors: Fence[] = [];
  const census = {
    pages: async function* () {
      yield { entries: [entry], next: { node: 1, cursor: '0' } };
    },
    entries: async () => [entry],
    size: async () => 1,
    drop: async (fence: Fence) => void floors.push(fence),
  };
  const recovery = { rows: async () => new Map([[memberId, row as never]]) };
  const parts = { census, recovery, writers: async () => () => 'A' as const, clock: systemClock, settleMs: 0 };
  expect(await takeCensus(parts, { mode: 'mend', generation: 1 })).toMatchObject({ stale: 1, dropped: 1 });
  const [floor] = floors;
  expect(floor?.version).toBeGreaterThan(boundOrder(generation));
  expect(floor?.version).toBeLessThanOrEqual(boundOrder(generation + 1));
});
