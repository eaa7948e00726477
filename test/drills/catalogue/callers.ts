import type { Drill } from '../drill';

export const CALLER_DRILLS: readonly Drill[] = [
  {
    name: 'leaked-key',
    shows:
      'The key of a caller has leaked: it is ended, and the caller suspended and let in again. No other caller notices.',
    runbook: 'leaked-key.md',
    steps: [
      { afterS: 0, act: { kind: 'runbook', heading: 'End the key' } },
      { afterS: 3, act: { kind: 'runbook', heading: 'Let the caller back in' } },
      { afterS: 0, act: { kind: 'runbook', heading: 'See that it is over' } },
    ],
    expects: [{ kind: 'errors-end', scope: {}, withinS: 0 }],
  },
];
