import type { Claim } from '../../../lambdas/arbiter';
import type { MemberDocument } from '../../../lambdas/core';
import { decideEncounter, requestKey } from '../../../lambdas/members/encounters';

const NOW_MS = 1_000_000;

function claimOf(change: Partial<Claim> = {}): Claim {
  return {
    key: 'account:app:x',
    generation: 3,
    state: 'pending',
    memberId: '42',
    operationId: 'operation',
    leaseUntilMs: NOW_MS + 1,
    ...change,
  };
}

function memberWith(generation: number | undefined, status: MemberDocument['status'] = 'active'): MemberDocument {
  const boundAt = '2026-01-01T00:00:00.000Z';
  return {
    memberId: '42',
    version: 5,
    status,
    profile: { name: 'Ada' },
    accounts: generation === undefined ? [] : [{ platform: 'app', account: 'x', boundAt, generation }],
    registeredAt: boundAt,
    updatedAt: boundAt,
  };
}

const OVER = { leaseUntilMs: NOW_MS };

test.each([
  ['its row names the generation', claimOf(), memberWith(3), 'committed', 'held'],
  ['its row names it, though the claim was never turned', claimOf(OVER), memberWith(3), undefined, 'held'],
  ['its row names another generation', claimOf({ state: 'held' }), memberWith(4), 'committed', 'take-over'],
  ['it was held once and given up since', claimOf({ state: 'held' }), memberWith(undefined), 'committed', 'take-over'],
  ['it was committed and given up before it was turned', claimOf(), memberWith(undefined), 'committed', 'take-over'],
  ['its operation was aborted', claimOf(), memberWith(undefined), 'aborted', 'take-over'],
  ['its operation is under way', claimOf(), memberWith(undefined), undefined, 'wait'],
  ['its operation is under way for a member to come', claimOf(), undefined, undefined, 'wait'],
  ['its lease is over and nothing decided', claimOf(OVER), memberWith(undefined), undefined, 'abort-first'],
  ['its member did not survive a failover', claimOf({ state: 'held', ...OVER }), undefined, undefined, 'take-over'],
  ['its binding did not', claimOf({ state: 'held', ...OVER }), memberWith(undefined), undefined, 'take-over'],
  ['its member is closed', claimOf({ state: 'held' }), memberWith(3, 'closed'), 'committed', 'take-over'],
] as const)('%s', (_, claim, document, decided, step) => {
  expect(decideEncounter(claim, { document, decided }, NOW_MS)).toBe(step);
});

const request = { key: requestKey('shop', 'k'), requestHash: 'h' };

test.each([
  [
    'a request has registered its member',
    claimOf({ ...request, state: 'held' }),
    memberWith(undefined),
    'committed',
    'held',
  ],
  [
    'a request has registered a member that is closed since',
    claimOf(request),
    memberWith(undefined, 'closed'),
    'committed',
    'held',
  ],
  ['a request is under way', claimOf(request), undefined, undefined, 'wait'],
  ['a request was abandoned', claimOf({ ...request, ...OVER }), undefined, undefined, 'abort-first'],
  ["race 31: a request drew an id that is somebody else's", claimOf(request), memberWith(undefined), undefined, 'wait'],
  [
    'a request registered its member long ago',
    claimOf({ ...request, state: 'held' }),
    memberWith(undefined),
    undefined,
    'held',
  ],
  [
    "a request's member did not survive a failover",
    claimOf({ ...request, state: 'held' }),
    undefined,
    undefined,
    'take-over',
  ],
  ['a request was aborted', claimOf(request), undefined, 'aborted', 'take-over'],
] as const)('%s', (_, claim, document, decided, step) => {
  expect(decideEncounter(claim, { document, decided }, NOW_MS)).toBe(step);
});
