import type { Act, Drill, Expectation } from '../drill';

const memberWrites = ['patch', 'bind', 'unbind'] as const;
const MOVED_WITHIN_S = 90;

/** What a region sees of the loss of the other one. */
const inB = { regions: ['B'] } as const;
const goesOn: readonly Expectation[] = [
  { kind: 'errors-end', scope: { ...inB, calls: ['register'] }, withinS: 2 },
  { kind: 'errors-end', scope: { ...inB, calls: ['get', 'batch', 'phone'] }, withinS: 2 },
  // Binding asks the row of whoever holds the account: that may be a member of a1.
  { kind: 'errors-end', scope: { ...inB, calls: ['patch', 'unbind'], units: ['b1'] }, withinS: 2 },
  {
    kind: 'served',
    scope: { ...inB, calls: ['get', 'batch', 'find', 'phone', 'patch', 'bind', 'unbind', 'register'] },
  },
  { kind: 'not-slow', scope: { ...inB, calls: ['get', 'register'] }, afterS: 5, slowMs: 1000, mostPercent: 3 },
  { kind: 'turned', subject: 'writer of a1', least: 1, most: 1 },
  { kind: 'turned', subject: 'writer of b1', least: 0, most: 0 },
  // Fenced when it was lost, and on command active; draining on the way, where that is seen.
  { kind: 'turned', subject: 'switch regions/A', least: 2, most: 3 },
  { kind: 'fresh', withinS: 5 },
];
const leasesAreShort: Act = { kind: 'await-short-leases', unit: 'a1', withinS: 30 };
const moved: Act = { kind: 'await-unit', unit: 'a1', writer: 'B', withinS: MOVED_WITHIN_S };
const wayBack: Drill['steps'] = [
  { afterS: 5, act: { kind: 'runbook', heading: 'Bring it back' } },
  { afterS: 0, act: { kind: 'runbook', heading: 'Let it serve again' } },
];

export const REGION_DRILLS: readonly Drill[] = [
  {
    name: 'lose-region',
    shows:
      'Every process of region A is killed at once. Region B registers and reads on, takes unit a1 over by itself, and A comes back on command.',
    runbook: 'region.md',
    before: [{ kind: 'runbook', heading: 'Let a lost region be taken care of' }, leasesAreShort],
    steps: [{ afterS: 0, act: { kind: 'lose', region: 'A' } }, { afterS: 0, act: moved }, ...wayBack],
    failsOver: ['a1'],
    expects: [
      { kind: 'errors-end', scope: { ...inB, calls: memberWrites, units: ['a1'] }, withinS: 45, except: ['UNDECIDED'] },
      // Members of operations that were cut off are let go a minute after the unit was opened.
      { kind: 'errors-end', scope: { ...inB, calls: memberWrites, units: ['a1'] }, withinS: 45 + 60 + 15 },
      { kind: 'turned', subject: 'switch cache/A', least: 2, most: 2 },
      ...goesOn,
    ],
  },
  {
    name: 'lose-region-by-hand',
    shows:
      'The same while nobody promotes by itself: an operator fences region A, has unit a1 taken over by region B, and lets A serve again.',
    runbook: 'region.md',
    before: [{ kind: 'runbook', heading: 'Let people decide' }, leasesAreShort],
    steps: [
      { afterS: 0, act: { kind: 'lose', region: 'A' } },
      { afterS: 5, act: { kind: 'runbook', heading: 'Fail over by hand' } },
      { afterS: 0, act: moved },
      ...wayBack,
    ],
    failsOver: ['a1'],
    expects: goesOn,
  },
  {
    name: 'cut-regions',
    shows:
      'The regions cannot reach each other for a minute, while both reach the arbiter. Each goes on writing its own unit.',
    runbook: 'regions-cut-off.md',
    steps: [
      { afterS: 0, act: { kind: 'cut', ways: ['regions'] } },
      { afterS: 60, act: { kind: 'runbook', heading: 'Heal the ways' } },
    ],
    expects: [
      // An account that a member of the other unit holds cannot be bound: nobody can ask that member's row.
      { kind: 'errors-end', scope: { calls: ['patch', 'unbind'], regions: ['A'], units: ['a1'] }, withinS: 1 },
      { kind: 'errors-end', scope: { calls: ['patch', 'unbind'], regions: ['B'], units: ['b1'] }, withinS: 1 },
      { kind: 'errors-end', scope: { calls: ['register'] }, withinS: 1 },
      // Who has seen a version that the cut keeps from here is refused rather than shown an older one.
      { kind: 'few-fail', scope: { calls: ['get', 'batch'] }, mostPercent: 5 },
      { kind: 'served', scope: { calls: ['get', 'batch', 'find', 'register'] } },
      {
        kind: 'not-slow',
        scope: { calls: memberWrites, regions: ['A'], units: ['a1'] },
        afterS: 3,
        slowMs: 1000,
        mostPercent: 2,
      },
      {
        kind: 'not-slow',
        scope: { calls: memberWrites, regions: ['B'], units: ['b1'] },
        afterS: 3,
        slowMs: 1000,
        mostPercent: 2,
      },
      // What must be refused is refused at once, and holds no place that the others need.
      {
        kind: 'not-slow',
        scope: { calls: memberWrites, regions: ['A'], units: ['b1'] },
        afterS: 10,
        slowMs: 1000,
        mostPercent: 5,
      },
      { kind: 'not-slow', scope: { calls: ['get'] }, afterS: 3, slowMs: 300, mostPercent: 2 },
      { kind: 'fresh', withinS: 5 },
    ],
  },
  {
    name: 'lost-switch-store',
    shows:
      'The Parameter Stores of both regions are gone. No request asks them, so none notices: what was accepted stands.',
    runbook: 'switch-store.md',
    steps: [
      { afterS: 0, act: { kind: 'kill', engine: 'ssm-A' } },
      { afterS: 0, act: { kind: 'kill', engine: 'ssm-B' } },
      { afterS: 15, act: { kind: 'runbook', heading: 'Bring it back' } },
    ],
    expects: [
      { kind: 'errors-end', scope: {}, withinS: 0 },
      { kind: 'served', scope: { calls: ['get', 'batch', 'find', 'phone', 'patch', 'bind', 'unbind', 'register'] } },
    ],
  },
];
