/** What became of a write trip. Only `open` leaves it unknown whether the write happened. */
export type WriteOutcome =
  | { readonly kind: 'committed' }
  /** This server's fence names another epoch, or it is no writer: read the unit's decision again. */
  | { readonly kind: 'fenced' }
  /** The unit's lease ended: no write is accepted until a heartbeat renews it. */
  | { readonly kind: 'lease-over' }
  /** The member waits for the outcome of a failover. */
  | { readonly kind: 'undecided' }
  /** The row has another version than the command was applied to. */
  | { readonly kind: 'version-lost' }
  /** The id that was drawn for a new member exists. */
  | { readonly kind: 'id-taken' }
  /** This operation is decided already: it was sent before, or a finisher has aborted it. */
  | { readonly kind: 'decided' }
  /** Row locks were not free in time; nothing was written. */
  | { readonly kind: 'busy' }
  /** The server was not reached; nothing was sent. */
  | { readonly kind: 'unreachable'; readonly cause: unknown }
  /** The trip was sent and its answer was lost, or the lease ran out around the commit. */
  | { readonly kind: 'open'; readonly cause?: unknown };

/** As mysql2 reports an error of the server. */
export interface ServerError {
  readonly errno: number;
  readonly sqlMessage: string;
}

export function isServerError(error: unknown): error is ServerError {
  return typeof error === 'object' && error !== null && 'sqlMessage' in error && 'errno' in error;
}

const BAD_NULL = 1048;
const DUPLICATE = 1062;
const LOCK_WAIT_TIMEOUT = 1205;
const DEADLOCK = 1213;
const SUBQUERY_RETURNS_MANY = 1242;
const READ_ONLY = 1290;
const READ_ONLY_TRANSACTION = 1792;

const OUTCOME_BY_COLUMN: Readonly<Record<string, WriteOutcome>> = {
  outcome: { kind: 'fenced' },
  decided_at: { kind: 'undecided' },
  version: { kind: 'version-lost' },
};

/**
 * Reads the guard that refused out of the server's error (see `statements.ts`: each guard has an error of its own).
 * An error that no guard raises is `open`: nothing is known.
 */
export function writeOutcomeOf(error: ServerError, operationId: string): WriteOutcome {
  switch (error.errno) {
    case BAD_NULL:
      return OUTCOME_BY_COLUMN[/column '(\w+)'/i.exec(error.sqlMessage)?.[1] ?? ''] ?? { kind: 'open', cause: error };
    case SUBQUERY_RETURNS_MANY:
      return { kind: 'lease-over' };
    case DUPLICATE:
      return error.sqlMessage.includes(`'${operationId}'`) ? { kind: 'decided' } : { kind: 'id-taken' };
    case LOCK_WAIT_TIMEOUT:
    case DEADLOCK:
      return { kind: 'busy' };
    case READ_ONLY:
    case READ_ONLY_TRANSACTION:
      return { kind: 'fenced' };
    default:
      return { kind: 'open', cause: error };
  }
}
