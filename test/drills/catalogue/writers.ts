import type { Drill, Expectation } from '../drill';

const memberWrites = ['patch', 'bind', 'unbind'] as const;

/** Whoever needs the writer of a1 is refused; nobody else may notice. */
const othersGoOn: readonly Expectation[] = [
  // Binding asks the row of whoever holds the account: that may be a member of a1.
  { kind: 'errors-end', scope: { calls: ['patch', 'unbind'], units: ['b1'] }, withinS: 1 },
  { kind: 'errors-end', scope: { calls: ['get', 'batch', 'phone'] }, withinS: 1 },
  { kind: 'served', scope: { calls: ['get', 'batch', 'find', 'phone', 'register'] } },
  { kind: 'not-slow', scope: { calls: ['get'] }, afterS: 5, slowMs: 300, mostPercent: 3 },
  { kind: 'not-slow', scope: { calls: memberWrites, units: ['a1'] }, afterS: 5, slowMs: 1500, mostPercent: 10 },
];

export const WRITER_DRILLS: readonly Drill[] = [
  {
    name: 'pause-writer',
    shows:
      'The writer of unit a1 stands still for 20 s and wakes up. Its unit refuses writes meanwhile; what slept in it does not harm.',
    runbook: 'database-writer.md',
    steps: [
      { afterS: 0, act: { kind: 'freeze', engine: 'a1-A' } },
      { afterS: 20, act: { kind: 'thaw', engine: 'a1-A' } },
    ],
    expects: othersGoOn,
  },
  {
    name: 'lose-writer',
    shows:
      'The writer of unit a1 is killed, and comes back with what it had. Its unit refuses writes meanwhile, the other goes on.',
    runbook: 'database-writer.md',
    steps: [
      { afterS: 0, act: { kind: 'kill', engine: 'a1-A' } },
      { afterS: 15, act: { kind: 'runbook', heading: 'Bring it back' } },
    ],
    expects: othersGoOn,
  },
];
