import type { Drill } from '../drill';

const memberWrites = ['patch', 'bind', 'unbind'] as const;

export const REGION_DRILLS: readonly Drill[] = [
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
