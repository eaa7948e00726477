import type { Operation } from './calls';

export type Rule =
  | 'linearizable'
  | 'fresh'
  | 'token'
  | 'one document per version'
  | 'one member per key'
  | 'expected answers'
  /** The search gave up: nothing is shown, which is no proof. */
  | 'undecided';

/** Something that was answered and cannot have happened. */
export interface Violation {
  readonly rule: Rule;
  /** `member <id>`, `account <platform>:<account>`, ... */
  readonly key: string;
  readonly message: string;
  readonly operations: readonly Operation[];
}

export function violation(rule: Rule, key: string, message: string, operations: readonly Operation[]): Violation {
  return { rule, key, message, operations };
}

/** For people: the violations, and the calls that they are about in the order in which they began. */
export function describeViolations(violations: readonly Violation[], most = 5): string {
  const shown = violations.slice(0, most).map(({ rule, key, message, operations }) => {
    const lines = [...operations].sort((one, other) => one.invokedAt - other.invokedAt).map(describe);
    return [`${key} is not ${rule}: ${message}`, ...lines.map((line) => `    ${line}`)].join('\n');
  });
  const rest = violations.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n');
}

function describe({ client, region, call, outcome, invokedAt, returnedAt }: Operation): string {
  const { kind, ...asked } = call;
  const answer =
    outcome.kind === 'ok'
      ? `${outcome.status} ${outcome.version ?? ''} ${JSON.stringify(outcome.document ?? outcome.items ?? '')}`
      : outcome.kind === 'refused'
        ? `${outcome.status} ${outcome.code}`
        : `unknown: ${outcome.reason}`;
  return `[${invokedAt}, ${returnedAt}] ${client} in ${region}: ${kind} ${JSON.stringify(asked)} -> ${answer}`;
}
