import type { Drill } from '../drill';

const weights = { get: 50, batch: 20 };
const reads = { calls: ['get', 'batch', 'find'] } as const;

/** A cache that is gone and one that stands still are the same to callers. */
const expects: Drill['expects'] = [
  { kind: 'errors-end', scope: {}, withinS: 1 },
  { kind: 'served', scope: { calls: ['get', 'batch', 'find', 'patch', 'bind', 'register'] } },
  { kind: 'answered-by', scope: { calls: ['get'], regions: ['A'] }, source: 'database' },
  { kind: 'not-slow', scope: { ...reads, regions: ['A'] }, afterS: 2, slowMs: 300, mostPercent: 2 },
  { kind: 'fresh', withinS: 5 },
];

export const CACHE_DRILLS: readonly Drill[] = [
  {
    name: 'lose-cache',
    shows:
      'The Redis of region A is killed. The databases answer what it answered, one load for each member at a time.',
    runbook: 'cache.md',
    weights,
    steps: [
      { afterS: 0, act: { kind: 'kill', engine: 'redis-A' } },
      { afterS: 15, act: { kind: 'runbook', heading: 'Bring it back' } },
      { afterS: 5, act: { kind: 'runbook', heading: 'See that it is well' } },
    ],
    expects,
  },
  {
    name: 'lose-cache-auto',
    shows:
      'The Redis of region A is killed. It is turned off, and on again under a new generation when it has been steady.',
    runbook: 'cache.md',
    weights,
    before: [{ kind: 'runbook', heading: 'Let the system act by itself' }],
    steps: [
      { afterS: 0, act: { kind: 'kill', engine: 'redis-A' } },
      { afterS: 20, act: { kind: 'runbook', heading: 'Bring it back' } },
      { afterS: 0, act: { kind: 'await-switch', name: 'cache/A', value: { mode: 'on' }, withinS: 120 } },
    ],
    expects: [...expects, { kind: 'turned', subject: 'switch cache/A', least: 2, most: 2 }],
  },
  {
    name: 'stall-cache',
    shows:
      'The Redis of region A stands still for 15 s and wakes up with what it knew. What it could not be told is told it then.',
    runbook: 'cache.md',
    weights,
    steps: [
      { afterS: 0, act: { kind: 'freeze', engine: 'redis-A' } },
      { afterS: 15, act: { kind: 'thaw', engine: 'redis-A' } },
    ],
    expects,
  },
];
