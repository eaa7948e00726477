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
  {
    name: 'limit-caller',
    shows: 'A caller is limited by a rule, above what it asks for now, and let go again. No call notices.',
    runbook: 'caller-storm.md',
    steps: [
      { afterS: 0, act: { kind: 'runbook', heading: 'See whom a limit would hit' } },
      { afterS: 0, act: { kind: 'runbook', heading: 'Limit it' } },
      { afterS: 5, act: { kind: 'runbook', heading: 'Turn it back' } },
    ],
    expects: [
      { kind: 'errors-end', scope: {}, withinS: 0 },
      { kind: 'turned', subject: 'switch traffic/rules', least: 2, most: 2 },
    ],
  },
  {
    name: 'limit-hot-accounts',
    shows:
      'The limit of hot accounts is turned down, and a caller answered from the cache only. No other call notices.',
    runbook: 'hot-account.md',
    steps: [
      { afterS: 0, act: { kind: 'runbook', heading: 'Limit it harder, or less' } },
      { afterS: 5, act: { kind: 'runbook', heading: 'Let it be as before' } },
      { afterS: 0, act: { kind: 'runbook', heading: 'See that it is well' } },
    ],
    expects: [{ kind: 'errors-end', scope: {}, withinS: 0 }],
  },
];
