import type { Drill } from '../drill';

/** Look-ups are what a domain serves; the rest of the load shows that nothing else notices. */
const weights = { phone: 40 };
const lookups = { calls: ['phone'] } as const;

export const SEARCH_DRILLS: readonly Drill[] = [
  {
    name: 'lose-order-domain',
    shows:
      'The search domain of class order is killed. Its standby answers the next look-up, and nothing else notices.',
    runbook: 'search-domain.md',
    weights,
    steps: [
      { afterS: 0, act: { kind: 'kill', engine: 'order' } },
      { afterS: 15, act: { kind: 'runbook', heading: 'Bring it back' } },
    ],
    expects: [
      { kind: 'errors-end', scope: lookups, withinS: 1 },
      { kind: 'errors-end', scope: {}, withinS: 1 },
      { kind: 'served', scope: { calls: ['phone', 'get', 'find', 'patch', 'register'] } },
      { kind: 'answered-by', scope: lookups, source: 'search;domain=standby' },
      { kind: 'not-slow', scope: lookups, afterS: 0, slowMs: 500, mostPercent: 2 },
    ],
  },
  {
    name: 'slow-dependency',
    shows:
      'The domain answers 700 ms later, then not at all, without being dead. A few requests wait a moment, then it is left alone.',
    runbook: 'search-domain.md',
    weights,
    steps: [
      { afterS: 0, act: { kind: 'slow', ways: ['order'], delayMs: 700 } },
      { afterS: 12, act: { kind: 'cut', ways: ['order'] } },
      { afterS: 12, act: { kind: 'runbook', heading: 'Heal the way to it' } },
    ],
    expects: [
      { kind: 'errors-end', scope: {}, withinS: 0 },
      { kind: 'served', scope: { calls: ['phone', 'get', 'find', 'patch', 'register'] } },
      { kind: 'answered-by', scope: lookups, source: 'search;domain=standby' },
      { kind: 'not-slow', scope: lookups, afterS: 2, slowMs: 500, mostPercent: 1 },
      { kind: 'not-slow', scope: lookups, afterS: 2, slowMs: 200, mostPercent: 10 },
    ],
  },
  {
    name: 'flapping',
    shows: 'The way to the domain breaks and heals again and again. Nobody is refused, and nobody waits each time.',
    runbook: 'search-domain.md',
    weights,
    steps: [
      { afterS: 0, act: { kind: 'cut', ways: ['order'] } },
      ...Array.from({ length: 4 }, () => [
        { afterS: 2, act: { kind: 'heal', ways: ['order'] } } as const,
        { afterS: 2, act: { kind: 'cut', ways: ['order'] } } as const,
      ]).flat(),
      { afterS: 2, act: { kind: 'runbook', heading: 'Heal the way to it' } },
    ],
    expects: [
      { kind: 'errors-end', scope: {}, withinS: 0 },
      { kind: 'served', scope: { calls: ['phone', 'get', 'find', 'patch', 'register'] } },
      { kind: 'not-slow', scope: lookups, afterS: 0, slowMs: 500, mostPercent: 2 },
    ],
  },
];
