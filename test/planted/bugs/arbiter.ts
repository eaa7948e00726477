import type { PlantedBug } from '../bug';

const CLAIMS = 'test/region/races/members-claims.test.ts';
const FILE = 'lambdas/arbiter/claim.ts';

export const ARBITER_BUGS: readonly PlantedBug[] = [
  {
    name: 'claim-taken-on-no-condition',
    races: [11],
    file: FILE,
    from: "condition: 'attribute_not_exists(#key) OR #state = :free',",
    to: "condition: 'attribute_not_exists(#key) OR #state = :free OR #generation >= :untaken',",
    caughtBy: { file: CLAIMS, test: 'race 11: of two who found an account free one gets it' },
  },
  {
    name: 'lost-condition-answered-as-won',
    races: [11],
    file: FILE,
    from: 'return { won: isOwn(claim, taking), claim };',
    to: 'return { won: true, claim };',
    caughtBy: { file: CLAIMS, test: 'race 11: of two who found an account free one gets it' },
  },
  {
    name: 'claim-taken-over-whatever-its-generation',
    races: [14],
    file: FILE,
    from: `#generation = :generation AND #state <> :free\${operationCondition(met)}\`,\n    values: { ...values,`,
    to: `#generation >= :generation AND #state <> :free\${operationCondition(met)}\`,\n    values: { ...values,`,
    // Where the operation that was met is known, it guards as well.
    caughtBy: {
      file: 'test/engine/arbiter/claims.test.ts',
      test: 'a take-over needs the generation that was looked at, and a free claim is not taken over',
    },
  },
  {
    name: 'claim-freed-whatever-its-generation',
    races: [14],
    file: FILE,
    from: `#generation = :generation AND #state <> :free\${operationCondition(met)}\`,\n    values: { ...metValues`,
    to: `#generation >= :generation AND #state <> :free\${operationCondition(met)}\`,\n    values: { ...metValues`,
    caughtBy: { file: CLAIMS, test: 'race 14: what was given up is freed late' },
  },
  {
    name: 'claim-confirmed-whatever-its-generation',
    races: [14],
    file: FILE,
    from: "condition: '#generation = :generation AND #state = :pending',",
    to: "condition: '#generation >= :generation AND #state = :pending',",
    caughtBy: { file: CLAIMS, test: 'race 14: a binding is confirmed late' },
  },
];
