import type { Drill } from '../drill';

export const FALLBACK_DRILLS: readonly Drill[] = [
  {
    name: 'fallback',
    shows:
      'Both databases of unit b1 are killed. Its operator has it go on without them, and brings what was written back into the rows.',
    runbook: 'fallback.md',
    steps: [
      { afterS: 0, act: { kind: 'runbook', heading: 'Beforehand: let leases be short' } },
      { afterS: 15, act: { kind: 'kill', engine: 'b1-A' } },
      { afterS: 0, act: { kind: 'kill', engine: 'b1-B' } },
      { afterS: 3, act: { kind: 'runbook', heading: 'Put the unit into fallback' } },
      { afterS: 20, act: { kind: 'runbook', heading: 'Bring the databases back' } },
      { afterS: 3, act: { kind: 'runbook', heading: 'Leave it' } },
    ],
    goesWithoutDatabases: ['b1'],
    expects: [
      { kind: 'errors-end', scope: { calls: ['patch', 'unbind'], units: ['a1'] }, withinS: 0 },
      { kind: 'errors-end', scope: { calls: ['register'] }, withinS: 17 },
      { kind: 'few-fail', scope: { calls: ['get', 'batch'] }, mostPercent: 5 },
      // Refused for as long as the last lease is waited out, and again while the journal is drained.
      { kind: 'few-fail', scope: { calls: ['patch'], units: ['b1'] }, mostPercent: 50 },
      { kind: 'served', scope: { calls: ['get', 'batch', 'find', 'phone', 'patch', 'register'] } },
      { kind: 'fresh', withinS: 5 },
    ],
  },
];
