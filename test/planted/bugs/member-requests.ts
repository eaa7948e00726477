import type { PlantedBug } from '../bug';

const REQUESTS = 'test/region/races/members-requests.test.ts';

/** Registrations under an idempotency key. */
export const MEMBER_REQUEST_BUGS: readonly PlantedBug[] = [
  {
    name: 'request-claim-judged-by-the-row-alone',
    races: [31],
    file: 'lambdas/members/encounters.ts',
    from: "return document !== undefined && (claim.state === 'held' || decided === 'committed');",
    to: 'return document !== undefined;',
    caughtBy: {
      file: 'test/unit/members/encounters.test.ts',
      test: "race 31: a request drew an id that is somebody else's",
    },
  },
  {
    name: 'request-hash-not-compared',
    races: [31],
    file: 'lambdas/members/taking.ts',
    from: "if (met.requestHash !== asker.requestHash) throw new Problem('IDEMPOTENCY_MISMATCH');",
    to: '',
    caughtBy: { file: REQUESTS, test: 'race 31: a key under way, and a key that was used' },
  },
  {
    name: 'keys-shared-by-all-callers',
    races: [31],
    file: 'lambdas/members/encounters.ts',
    from: 'callerId}:',
    to: 'callerId.slice(0, 0)}:',
    caughtBy: { file: REQUESTS, test: 'race 31: a key under way, and a key that was used' },
  },
  {
    name: 'retry-draws-another-id',
    races: [32],
    file: 'lambdas/members/taking.ts',
    from: 'const claim = await this.#takeOver(met, heirOf(met, asker), unit, deadline);',
    to: 'const claim = await this.#takeOver(met, asker, unit, deadline);',
    caughtBy: { file: REQUESTS, test: 'races 12, 32: a retry that gives up on a sleeping first attempt' },
  },
  {
    name: 'id-of-a-request-exchanged-for-one-drawn-anew',
    races: [32],
    file: 'lambdas/members/register.ts',
    from: 'const memberId = resumed.claim?.memberId ?? drawnId;',
    to: 'const memberId = drawnId;',
    caughtBy: { file: REQUESTS, test: 'races 12, 32: a retry that gives up on a sleeping first attempt' },
  },
  {
    name: 'refused-request-keeps-its-key',
    races: [],
    file: 'lambdas/members/register.ts',
    from: 'if (resumed.claim !== undefined) operation.adopt(resumed.claim);',
    to: '',
    caughtBy: { file: REQUESTS, test: 'a registration that is refused gives back every claim' },
  },
  {
    name: 'request-claim-not-announced',
    races: [],
    file: 'lambdas/members/changes.ts',
    from: 'heldClaims: write.requestClaim === undefined ? taken : [...taken, write.requestClaim],',
    to: 'heldClaims: taken,',
    caughtBy: { file: REQUESTS, test: 'what a registration holds is announced' },
  },
];
