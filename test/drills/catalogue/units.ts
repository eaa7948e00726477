import type { Act, Drill, Expectation } from '../drill';

const memberWrites = ['patch', 'bind', 'unbind'] as const;
const runbook = 'unit.md';

/** Longer than a failover may take: what is not over by then is told as a failure of the drill's own expectation. */
const MOVED_WITHIN_S = 90;
const BACK_WITHIN_S = 120;

const moveByItself: Act = { kind: 'runbook', heading: 'Let units move by themselves' };
/** Whoever is lost under a lease of an hour is waited for that long. */
const leasesAreShort: Act = { kind: 'await-short-leases', unit: 'a1', withinS: 30 };
const bringBack: Act = { kind: 'runbook', heading: 'Bring the old writer back' };
const writtenIn = (writer: 'A' | 'B'): Act => ({ kind: 'await-unit', unit: 'a1', writer, withinS: MOVED_WITHIN_S });
const followsInA: Act = { kind: 'await-replica', cluster: 'a1', region: 'A', withinS: BACK_WITHIN_S };

/** Whoever needs the writer of a1 is refused until the unit is open; nobody else may notice. */
const failsOver: readonly Expectation[] = [
  { kind: 'errors-end', scope: { calls: memberWrites, units: ['a1'] }, withinS: 30, except: ['UNDECIDED'] },
  // Members of operations that were cut off are let go a minute after the unit was opened; the sweep comes every ten seconds.
  { kind: 'errors-end', scope: { calls: memberWrites, units: ['a1'] }, withinS: 30 + 60 + 15 },
  // Binding asks the row of whoever holds the account: that may be a member of a1.
  { kind: 'errors-end', scope: { calls: ['patch', 'unbind'], units: ['b1'] }, withinS: 1 },
  { kind: 'errors-end', scope: { calls: ['get', 'batch', 'phone'] }, withinS: 1 },
  { kind: 'served', scope: { calls: ['get', 'batch', 'find', 'phone', 'patch', 'bind', 'unbind', 'register'] } },
  { kind: 'turned', subject: 'writer of a1', least: 1, most: 1 },
  { kind: 'turned', subject: 'writer of b1', least: 0, most: 0 },
];

/** Writes of a1 are refused for a moment, and nothing else is. */
const isMoved: readonly Expectation[] = [
  // Until the command has begun to move it, it is not refused.
  { kind: 'errors-last', scope: { calls: memberWrites, units: ['a1'] }, mostS: 5 },
  { kind: 'errors-end', scope: { calls: ['get', 'batch', 'phone', 'register'] }, withinS: 0 },
  { kind: 'errors-end', scope: { calls: ['patch', 'unbind'], units: ['b1'] }, withinS: 0 },
  { kind: 'served', scope: { calls: ['get', 'batch', 'find', 'phone', 'register'] } },
  { kind: 'turned', subject: 'writer of a1', least: 1, most: 1 },
];

export const UNIT_DRILLS: readonly Drill[] = [
  {
    name: 'lose-writer-auto',
    shows:
      'The writer of unit a1 is killed. The unit moves to region B by itself, and the old writer comes back as replica.',
    runbook,
    before: [moveByItself, leasesAreShort],
    steps: [
      { afterS: 0, act: { kind: 'kill', engine: 'a1-A' } },
      { afterS: 0, act: writtenIn('B') },
      { afterS: 10, act: bringBack },
      { afterS: 0, act: followsInA },
    ],
    failsOver: ['a1'],
    expects: failsOver,
  },
  {
    name: 'pause-writer-auto',
    shows: 'The writer of unit a1 stands still until its unit has moved, and wakes up. What slept in it is refused.',
    runbook,
    before: [moveByItself, leasesAreShort],
    steps: [
      { afterS: 0, act: { kind: 'freeze', engine: 'a1-A' } },
      { afterS: 0, act: writtenIn('B') },
      { afterS: 10, act: { kind: 'thaw', engine: 'a1-A' } },
      { afterS: 0, act: followsInA },
    ],
    failsOver: ['a1'],
    expects: failsOver,
  },
  {
    name: 'planned-switchover',
    shows:
      'An operator moves unit a1 to region B. Its writes are refused for a moment, no read fails, and nothing is lost.',
    runbook,
    steps: [
      { afterS: 0, act: { kind: 'runbook', heading: 'Move it by hand' } },
      { afterS: 0, act: writtenIn('B') },
    ],
    expects: isMoved,
  },
  {
    name: 'return-home',
    shows:
      'After a failover the operator sends unit a1 home, once its old writer follows again. Nothing is lost by that.',
    runbook,
    before: [moveByItself, leasesAreShort, { kind: 'kill', engine: 'a1-A' }, writtenIn('B'), bringBack, followsInA],
    steps: [
      { afterS: 0, act: { kind: 'runbook', heading: 'Send it home' } },
      { afterS: 0, act: writtenIn('A') },
    ],
    expects: isMoved,
  },
];
