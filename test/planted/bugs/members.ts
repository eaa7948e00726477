import type { PlantedBug } from '../bug';

export const MEMBER_BUGS: readonly PlantedBug[] = [
  {
    name: 'claim-released-on-reading-alone',
    races: [12],
    file: 'lambdas/members/encounters.ts',
    from: "return nowMs < claim.leaseUntilMs ? 'wait' : 'abort-first';",
    to: "return nowMs < claim.leaseUntilMs ? 'wait' : 'take-over';",
    caughtBy: { file: 'test/region/interleavings.test.ts', test: 'races 11, 12, 14' },
  },
];
