import type { Drill } from '../drill';

export const ARBITER_DRILLS: readonly Drill[] = [
  {
    name: 'lose-queues',
    shows:
      'The queues and the topic of region A are killed. Writes are answered all the same, and every event arrives later.',
    runbook: 'queues.md',
    steps: [
      { afterS: 0, act: { kind: 'kill', engine: 'sqs-A' } },
      { afterS: 15, act: { kind: 'runbook', heading: 'Bring it back' } },
    ],
    expects: [
      { kind: 'errors-end', scope: {}, withinS: 0 },
      { kind: 'served', scope: { calls: ['get', 'batch', 'find', 'phone', 'patch', 'bind', 'unbind', 'register'] } },
      { kind: 'not-slow', scope: { calls: ['patch', 'bind', 'unbind'] }, afterS: 2, slowMs: 1000, mostPercent: 2 },
    ],
  },
  {
    name: 'lose-arbiter',
    shows:
      'The arbiter is killed. What takes a new key is refused; reads and all other writes go on under the leases that stand.',
    runbook: 'arbiter.md',
    steps: [
      { afterS: 0, act: { kind: 'kill', engine: 'arbiter' } },
      { afterS: 15, act: { kind: 'runbook', heading: 'Bring it back' } },
    ],
    expects: [
      { kind: 'errors-end', scope: { calls: ['get', 'batch', 'phone', 'patch', 'register'] }, withinS: 1 },
      { kind: 'served', scope: { calls: ['get', 'batch', 'find', 'phone', 'patch', 'register'] } },
      {
        kind: 'not-slow',
        scope: { calls: ['get', 'batch', 'phone', 'patch'] },
        afterS: 2,
        slowMs: 1000,
        mostPercent: 2,
      },
      { kind: 'not-slow', scope: { calls: ['bind', 'register-keyed'] }, afterS: 2, slowMs: 1000, mostPercent: 5 },
    ],
  },
];
