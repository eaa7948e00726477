/** What shows that something is lost: alarms in AWS, and on one machine a line that a function writes. docs/operations.md tells it. */
export interface FaultMark {
  readonly fault: string;
  /** Engines of the local system whose end it is; any of them is enough. */
  readonly engines: readonly string[];
  /** By their names in docs/operations.md. */
  readonly alarms: readonly string[];
  /** The message of the line. */
  readonly line: string;
}

/** Within so long of the fault the line is written. */
export const SHOWN_WITHIN_S = 60;

export const FAULT_MARKS: readonly FaultMark[] = [
  {
    fault: 'a cache',
    engines: ['redis-A', 'redis-B'],
    alarms: ['cache-busy', 'cache-silent'],
    line: 'cache does not answer',
  },
  {
    fault: 'a search domain',
    engines: ['order', 'standby', 'marketing'],
    alarms: ['domain-red', 'queue-stuck'],
    line: 'a batch comes back: its target did not take it',
  },
  {
    fault: 'a database server',
    engines: ['a1-A', 'a1-B', 'b1-A', 'b1-B'],
    alarms: ['writer-restarted', 'replica-late', 'unit-without-heartbeat'],
    line: 'a unit has no heartbeat',
  },
  {
    fault: 'the arbiter',
    engines: ['arbiter'],
    alarms: ['arbiter-errors', 'leases-not-renewed'],
    line: 'no lease is renewed: the arbiter does not answer',
  },
  {
    fault: 'the queues of a region',
    engines: ['sqs-A', 'sqs-B'],
    alarms: ['events-repeated', 'topic-refuses'],
    line: 'queue unreachable',
  },
];
