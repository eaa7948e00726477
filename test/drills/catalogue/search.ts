import type { Act, Drill, Expectation, Step } from '../drill';

const actsByItself: Act = { kind: 'runbook', heading: 'Let the system act by itself' };
/** It is compared with all rows before it is used again, and waited for after each fall. */
const isBack: Act = { kind: 'await-switch', name: 'search/order', value: ['order', 'standby'], withinS: 240 };
const TAKEN_OUT_AND_BACK: readonly Expectation[] = [
  { kind: 'turned', subject: 'switch search/order', least: 2, most: 2 },
  { kind: 'turned', subject: 'switch sync/order', least: 2, most: 2 },
];

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
      { afterS: 5, act: { kind: 'runbook', heading: 'Compare it with the rows' } },
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
    name: 'lose-order-domain-auto',
    shows:
      'The search domain of class order is killed. It is taken out of its list, and put back when it holds what the rows say.',
    runbook: 'search-domain.md',
    weights,
    before: [actsByItself],
    steps: [
      { afterS: 0, act: { kind: 'kill', engine: 'order' } },
      { afterS: 20, act: { kind: 'runbook', heading: 'Bring it back' } },
      { afterS: 0, act: isBack },
    ],
    expects: [
      { kind: 'errors-end', scope: {}, withinS: 1 },
      { kind: 'served', scope: { calls: ['phone', 'get', 'find', 'patch', 'register'] } },
      { kind: 'answered-by', scope: lookups, source: 'search;domain=standby' },
      ...TAKEN_OUT_AND_BACK,
    ],
  },
  {
    name: 'slow-dependency',
    shows:
      'The domain answers 700 ms later, then not at all, without being dead. A few requests wait a moment, then it is left alone.',
    runbook: 'slow-dependency.md',
    weights,
    steps: [
      { afterS: 0, act: { kind: 'slow', ways: ['order'], delayMs: 700 } },
      { afterS: 12, act: { kind: 'cut', ways: ['order'] } },
      { afterS: 8, act: { kind: 'runbook', heading: 'Leave a slow domain alone' } },
      { afterS: 4, act: { kind: 'runbook', heading: 'Heal the way to it' } },
      { afterS: 2, act: { kind: 'runbook', heading: 'Take it back' } },
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
      ...breaks(4, 2),
      { afterS: 2, act: { kind: 'runbook', heading: 'Heal the way to it' } },
    ],
    expects: [
      { kind: 'errors-end', scope: {}, withinS: 0 },
      { kind: 'served', scope: { calls: ['phone', 'get', 'find', 'patch', 'register'] } },
      { kind: 'not-slow', scope: lookups, afterS: 0, slowMs: 500, mostPercent: 2 },
    ],
  },
  {
    name: 'flapping-auto',
    shows:
      'The same while the system acts by itself: short breaks turn nothing, a long one takes the domain out, and it waits to be steady.',
    runbook: 'search-domain.md',
    weights,
    before: [actsByItself],
    steps: [
      { afterS: 0, act: { kind: 'cut', ways: ['order'] } },
      ...breaks(4, 2),
      { afterS: 15, act: { kind: 'heal', ways: ['order'] } },
      { afterS: 5, act: { kind: 'cut', ways: ['order'] } },
      ...breaks(4, 5),
      { afterS: 5, act: { kind: 'runbook', heading: 'Heal the way to it' } },
      { afterS: 0, act: isBack },
    ],
    expects: [
      { kind: 'errors-end', scope: {}, withinS: 0 },
      { kind: 'served', scope: { calls: ['phone', 'get', 'find', 'patch', 'register'] } },
      ...TAKEN_OUT_AND_BACK,
    ],
  },
];

/** A way that is cut heals and is cut again, so many times. */
function breaks(times: number, afterS: number): readonly Step[] {
  return Array.from({ length: times }, () => [
    { afterS, act: { kind: 'heal', ways: ['order'] } } as const,
    { afterS, act: { kind: 'cut', ways: ['order'] } } as const,
  ]).flat();
}
