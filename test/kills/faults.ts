/** `pause` and `long-pause` are SIGSTOP, then SIGCONT: the process is there, its connections are open, nothing moves. */
export const FAULT_KINDS = ['kill', 'pause', 'long-pause'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What happens to one process, or to two at once. */
export interface Fault {
  readonly kind: FaultKind;
  readonly engines: readonly string[];
}

/** Each process of a system, those that hold the truth first. */
export const ENGINES = [
  ...['a1-A', 'b1-B', 'arbiter', 'redis-A', 'redis-B', 'api-A', 'api-B', 'front', 'tasks-A', 'tasks-B', 'a1-B', 'b1-A'],
  ...['sqs-A', 'sqs-B', 'order', 'standby', 'marketing', 'ssm-A', 'ssm-B'],
] as const;

export function nameOf({ kind, engines }: Fault): string {
  return `${kind} ${engines.join(' and ')}`;
}
