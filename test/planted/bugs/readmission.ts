import type { PlantedBug } from '../bug';

const READMISSION = 'lambdas/failover/readmission/';
const inMind = (test: string) => ({ file: 'test/unit/failover/readmission.test.ts', test });
const onEngines = (test: string) => ({ file: 'test/engine/failover/readmission.test.ts', test });

/** What keeps a domain from being asked before it holds what the rows say, and from being brought back against anybody's will. */
export const READMISSION_BUGS: readonly PlantedBug[] = [
  {
    name: 'domain-believed-as-soon-as-it-was-mended',
    races: [],
    file: `${READMISSION}readmission.ts`,
    from: "if (mode === 'check' && differing === 0)",
    to: "if (mode === 'mend' || differing === 0)",
    caughtBy: inMind('it returns only from a check of its own run'),
  },
  {
    name: 'late-step-of-an-earlier-readmission-believed',
    races: [],
    file: `${READMISSION}readmission.ts`,
    from: 'return state.step === step && state.run === event.run;',
    to: 'return state.step === step;',
    caughtBy: inMind('what belongs to another run or pass'),
  },
  {
    name: 'comparison-set-back-by-who-was-slower',
    races: [],
    file: `${READMISSION}readmission.ts`,
    from: 'BigInt(event.pass.cursor) >= BigInt(pass.cursor)',
    to: 'BigInt(event.pass.cursor) >= -1n',
    caughtBy: inMind('of two who work on one pass'),
  },
  {
    name: 'list-remembered-as-it-was-later',
    races: [],
    file: `${READMISSION}readmission.ts`,
    from: '(!before.includes(domain) || known.join()',
    to: '(known.join()',
    caughtBy: inMind('the lists are remembered as they were'),
  },
  {
    name: 'list-remembered-as-it-was-before-an-operator',
    races: [],
    file: `${READMISSION}readmission.ts`,
    from: '(!before.includes(domain) || known.join()',
    to: '(known.length > 0 || known.join()',
    caughtBy: inMind('a list that an operator turned before'),
  },
  {
    name: 'readmission-written-down-over-another',
    races: [],
    file: 'lambdas/arbiter/domain-decisions.ts',
    from: "condition: revision === 0 ? 'attribute_not_exists(#key)' : '#revision = :revision',",
    to: "condition: revision === 0 ? 'attribute_not_exists(#key)' : '#revision >= :revision',",
    caughtBy: { file: 'test/engine/arbiter/decisions.test.ts', test: 'what is written down of a domain' },
  },
  {
    name: 'pause-by-a-controller-overlooked',
    races: [24],
    file: `${READMISSION}run.ts`,
    from: "if (standing?.value === 'paused') throw new Fallen(",
    to: "if (standing?.value === 'gone') throw new Fallen(",
    caughtBy: onEngines('when a controller pauses it meanwhile'),
  },
  {
    name: 'operator-overruled-who-paused-a-domain',
    races: [],
    file: `${READMISSION}run.ts`,
    from: "if (standing?.value === 'paused' && !isOurs(standing.actor, actor))",
    to: "if (standing?.value === 'gone' && !isOurs(standing.actor, actor))",
    caughtBy: onEngines('where an operator has paused it'),
  },
  {
    name: 'operator-overruled-who-turned-a-list',
    races: [],
    file: `${READMISSION}run.ts`,
    from: 'if (standing === undefined || !isOurs(standing.actor, actor)) continue;',
    to: 'if (standing === undefined) continue;',
    caughtBy: onEngines('a list that an operator has turned meanwhile'),
  },
];
