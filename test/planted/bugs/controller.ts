import type { PlantedBug } from '../bug';

const DECISIONS = 'test/unit/failover/plan.test.ts';
const LOOKS = 'test/unit/failover/memory.test.ts';
const CONTROL = 'test/engine/failover/control.test.ts';
const MEMORY = 'lambdas/failover/controller/memory.ts';
const PLAN = 'lambdas/failover/controller/plan.ts';

/** What keeps a controller from acting too early, too often, twice, or on what it must not. */
export const CONTROLLER_BUGS: readonly PlantedBug[] = [
  {
    name: 'one-look-convinces',
    races: [24],
    file: MEMORY,
    from: 'const isConvinced = contrary + 1 >= (isWell ? ILL_AFTER_LOOKS : WELL_AFTER_LOOKS);',
    to: 'const isConvinced = true;',
    caughtBy: { file: LOOKS, test: 'is convinced by looks in a row only' },
  },
  {
    name: 'looks-need-not-be-in-a-row',
    races: [24],
    file: MEMORY,
    from: 'if (looksWell === isWell) return { isWell, contrary: 0, fellAtMs: kept };',
    to: 'if (looksWell === isWell) return { isWell, contrary, fellAtMs: kept };',
    caughtBy: { file: LOOKS, test: 'is convinced by looks in a row only' },
  },
  {
    name: 'silent-region-believed',
    races: [],
    file: MEMORY,
    from: 'silentLooks: count === known.count ? known.silentLooks + 1 : 0',
    to: 'silentLooks: 0',
    caughtBy: { file: LOOKS, test: 'does not hear who repeats himself' },
  },
  {
    name: 'looks-of-one-moment-counted-each',
    races: [24],
    file: MEMORY,
    from: 'return Math.abs(nowMs - lookedAtMs) >= LOOK_EVERY_MS;',
    to: 'return true;',
    caughtBy: { file: LOOKS, test: 'takes looks that come together for one' },
  },
  {
    name: 'unit-moved-away-from-a-reached-writer',
    races: [],
    file: PLAN,
    from: 'if (to !== region || (isReached && !isForsaken)) return [];',
    to: 'if (to !== region) return [];',
    caughtBy: { file: DECISIONS, test: 'does nothing while all is well' },
  },
  {
    name: 'unit-moved-to-where-nothing-answers',
    races: [],
    file: PLAN,
    from: 'if (!target.isWell) {',
    to: 'if (to === from) {',
    caughtBy: { file: DECISIONS, test: 'says why it cannot move a unit' },
  },
  {
    name: 'search-list-emptied',
    races: [],
    file: PLAN,
    from: 'if (ill.length === 0 || ill.length === value.length) return [];',
    to: 'if (ill.length === 0) return [];',
    caughtBy: { file: DECISIONS, test: 'drops every domain of a list that is ill at once, but the last' },
  },
  {
    name: 'no-pause-before-what-came-back-is-used',
    races: [24],
    file: PLAN,
    from: 'if (sinceMs >= dwellMs) return undefined;',
    to: 'if (sinceMs >= 0) return undefined;',
    caughtBy: { file: DECISIONS, test: 'brings back what it took out' },
  },
  {
    name: 'no-budget-of-falls',
    races: [24],
    file: PLAN,
    from: 'if (fellAtMs.length > FALLS_BUDGET) {',
    to: 'if (fellAtMs.length > 1e9) {',
    caughtBy: { file: DECISIONS, test: 'brings back what it took out' },
  },
  {
    name: 'what-an-operator-took-out-brought-back',
    races: [],
    file: PLAN,
    from: "if (sync?.value !== 'paused' || !sync.byController) return [];",
    to: "if (sync?.value !== 'paused') return [];",
    caughtBy: { file: DECISIONS, test: 'brings back what it took out' },
  },
  {
    name: 'regions-fence-each-other',
    races: [],
    file: PLAN,
    from: 'if (!own.isWell) return [];',
    to: '',
    caughtBy: { file: DECISIONS, test: 'nor both fence each other' },
  },
  {
    name: 'cache-used-again-with-what-it-had',
    races: [],
    file: PLAN,
    from: 'generation: (generation ?? 0) + 1',
    to: 'generation: generation ?? 0',
    caughtBy: { file: DECISIONS, test: 'turns off a cache that its region does not reach' },
  },
  {
    name: 'cache-of-a-lost-region-left-on',
    races: [],
    file: PLAN,
    from: 'if (view.region !== region && !isLost) return [];',
    to: 'if (view.region !== region) return [];',
    caughtBy: {
      file: DECISIONS,
      test: 'fences a lost region, moves its units, and takes its domain and its cache out',
    },
  },
  {
    name: 'controller-acts-although-automatic-failover-is-off',
    races: [],
    file: PLAN,
    from: "if (auto === 'on') return acts;",
    to: "if (auto !== 'dry-run') return acts;",
    caughtBy: { file: DECISIONS, test: 'is only said unless failover/auto is on' },
  },
  {
    name: 'every-look-at-once-acts',
    races: [],
    file: 'lambdas/failover/controller/controller.ts',
    from: 'if (!isOurs) return;',
    to: '',
    caughtBy: { file: CONTROL, test: 'many looks at once are one look' },
  },
  {
    name: 'memory-overwritten-by-a-late-look',
    races: [],
    file: 'lambdas/arbiter/observations.ts',
    from: "condition: 'attribute_not_exists(#key) OR #revision = :revision',",
    to: "condition: 'attribute_not_exists(#key) OR #revision >= :revision',",
    caughtBy: { file: CONTROL, test: 'what another version wrote down is no memory' },
  },
];
