import { CONTROL_SCHEMA, type ShardRange } from '../../topology';
import type { MemberDocument, MemberEvent, Version } from '../core';

/** A statement with its placeholders; ids are bigints, so that they are compared as integers. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export const FENCE = `\`${CONTROL_SCHEMA}\`.fence`;
export const LEASE = `\`${CONTROL_SCHEMA}\`.lease`;

/**
 * A guard inside a multi-statement trip must stop it before COMMIT. A NULL for a NOT NULL column does: the column's
 * name in the error says which guard refused (see `outcomes.ts`). The fence is read in share mode, so that raising it
 * waits for what has passed it.
 */
export const FENCED_OUTCOME = `(SELECT IF(epoch = ?, ?, NULL) FROM ${FENCE} WHERE unit = ? LOCK IN SHARE MODE)`;

/** The time, under the fence as above, for rows whose time may not be NULL. */
export const FENCED_TIME = `(SELECT IF(epoch = ?, SYSDATE(6), NULL) FROM ${FENCE} WHERE unit = ? LOCK IN SHARE MODE)`;

/**
 * Raises "subquery returns more than one row" unless the lease lies ahead. A SELECT of its own, because a subquery of
 * an INSERT would lock the lease's row and stall the heartbeat; SYSDATE, because NOW() is the statement's start.
 */
const REQUIRE_LEASE = `SELECT IF((SELECT MAX(lease_until) FROM ${LEASE} WHERE unit = ? AND epoch = ?) > SYSDATE(6),
  1, (SELECT 1 UNION ALL SELECT 2)) AS held`;

const LEASE_HELD = `SELECT COALESCE(MAX(lease_until > SYSDATE(6)), 0) AS held FROM ${LEASE} WHERE unit = ? AND epoch = ?`;

/** Rows wait this long for their events to arrive before the relay publishes them again. */
const RELAY_AFTER_S = 30;

/** The time, unless the member is undecided. */
function decidedNow({ schema }: ShardRange): string {
  return `IF(EXISTS(SELECT 1 FROM \`${schema}\`.undecided WHERE member_id = ?), NULL, SYSDATE(6))`;
}

export interface WriteTrip {
  readonly range: ShardRange;
  /** The epoch that was read before the operation's first act. */
  readonly epoch: number;
  readonly operationId: string;
  /** Version of the row that the command was applied to; undefined inserts a new row. */
  readonly expected: Version | undefined;
  readonly document: MemberDocument;
  readonly forks: string;
  readonly event: MemberEvent;
  /** Of a lost version that is taken over: its own operation, which is committed with it. */
  readonly takenOperationId?: string | undefined;
  /** Of journaled commands that become one version: those of the others, which are committed with it, or not at all. */
  readonly otherOperationIds?: readonly string[];
}

/** The whole write in one trip: fence, operation, compare-and-set, outbox, lease, commit, lease once more. */
export function writeStatement(trip: WriteTrip): Statement {
  const { range, epoch } = trip;
  const id = BigInt(trip.document.memberId);
  const change = changeStatement(trip);
  return join(
    { sql: 'START TRANSACTION', values: [] },
    {
      sql: `INSERT INTO \`${range.schema}\`.operation (operation_id, outcome, decided_at)
        VALUES (?, ${FENCED_OUTCOME}, ${decidedNow(range)})`,
      values: [trip.operationId, epoch, 'committed', range.unit, id],
    },
    change,
    outboxStatement(trip),
    { sql: REQUIRE_LEASE, values: [range.unit, epoch] },
    { sql: 'COMMIT', values: [] },
    { sql: LEASE_HELD, values: [range.unit, epoch] },
  );
}

/**
 * As a write, of what a failover has left behind: it may change an undecided member, who is decided by it. Before the
 * unit is opened there is no lease; then the fence alone keeps others out.
 */
export function settleStatement(trip: WriteTrip, needsLease: boolean): Statement {
  const { range, epoch, document } = trip;
  return join(
    { sql: 'START TRANSACTION', values: [] },
    ...takenOperation(trip),
    ...otherOperations(trip),
    {
      sql: `INSERT INTO \`${range.schema}\`.operation VALUES (?, ${FENCED_OUTCOME}, SYSDATE(6))`,
      values: [trip.operationId, epoch, 'committed', range.unit],
    },
    changeStatement(trip),
    outboxStatement(trip),
    {
      sql: `DELETE FROM \`${range.schema}\`.undecided WHERE member_id = ?`,
      values: [BigInt(document.memberId)],
    },
    ...(needsLease ? [{ sql: REQUIRE_LEASE, values: [range.unit, epoch] }] : []),
    { sql: 'COMMIT', values: [] },
    needsLease ? { sql: LEASE_HELD, values: [range.unit, epoch] } : { sql: 'SELECT 1 AS held', values: [] },
  );
}

/** A registration that was given up is not taken over; of a change it does not matter, for its claims tell. */
function takenOperation({ range, takenOperationId, expected }: WriteTrip): Statement[] {
  if (takenOperationId === undefined) return [];
  const insert = expected === undefined ? 'INSERT' : 'INSERT IGNORE';
  const sql = `${insert} INTO \`${range.schema}\`.operation VALUES (?, 'committed', SYSDATE(6))`;
  return [{ sql, values: [takenOperationId] }];
}

function otherOperations({ range, otherOperationIds = [] }: WriteTrip): Statement[] {
  if (otherOperationIds.length === 0) return [];
  const rows = otherOperationIds.map(() => "(?, 'committed', SYSDATE(6))").join();
  return [{ sql: `INSERT INTO \`${range.schema}\`.operation VALUES ${rows}`, values: otherOperationIds }];
}

function changeStatement(trip: WriteTrip): Statement {
  const id = BigInt(trip.document.memberId);
  return trip.expected === undefined ? insertMember(trip, id) : updateMember(trip, id, trip.expected);
}

/** After the change of the row: what the change did not reach is refused here. */
function outboxStatement({ range, document, event }: WriteTrip): Statement {
  return {
    sql: `INSERT INTO \`${range.schema}\`.outbox (member_id, version, event, next_at)
      VALUES (?, IF(ROW_COUNT() = 1, ?, NULL), ?, SYSDATE(6) + INTERVAL ${RELAY_AFTER_S} SECOND)`,
    values: [BigInt(document.memberId), document.version, JSON.stringify(event)],
  };
}

function insertMember({ range, document, forks }: WriteTrip, id: bigint): Statement {
  return {
    sql: `INSERT INTO \`${range.schema}\`.member (member_id, version, status, document, forks, registered_at, updated_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    values: [
      id,
      document.version,
      document.status,
      JSON.stringify(document),
      forks,
      sqlTime(document.registeredAt),
      sqlTime(document.updatedAt),
    ],
  };
}

function updateMember({ range, document, forks }: WriteTrip, id: bigint, expected: Version): Statement {
  return {
    sql: `UPDATE \`${range.schema}\`.member SET version = ?, status = ?, document = ?, forks = ?, updated_at = ?
      WHERE member_id = ? AND version = ?`,
    values: [
      document.version,
      document.status,
      JSON.stringify(document),
      forks,
      sqlTime(document.updatedAt),
      id,
      expected,
    ],
  };
}

/**
 * What the member's row says now, under the fence and the lease: the only reading that may decide about a claim. The
 * operation is read before the row: were it read after, a commit between the two would look like a binding that was
 * made and given up again. In share mode, so that one that is being written is waited for.
 */
export function fencedReadStatement(
  range: ShardRange,
  epoch: number,
  memberId: string,
  operationId: string,
): Statement {
  return join(
    { sql: 'START TRANSACTION', values: [] },
    { sql: `SELECT epoch FROM ${FENCE} WHERE unit = ? LOCK IN SHARE MODE`, values: [range.unit] },
    {
      sql: `SELECT outcome FROM \`${range.schema}\`.operation WHERE operation_id = ? LOCK IN SHARE MODE`,
      values: [operationId],
    },
    {
      sql: `SELECT document, forks FROM \`${range.schema}\`.member WHERE member_id = ? LOCK IN SHARE MODE`,
      values: [BigInt(memberId)],
    },
    { sql: LEASE_HELD, values: [range.unit, epoch] },
    { sql: 'COMMIT', values: [] },
  );
}

/**
 * Decides an operation as aborted unless it is decided already; the last result is the outcome that stands. Refused for an
 * undecided member: the operation may have been committed where nobody can look yet.
 */
export function abortStatement(range: ShardRange, epoch: number, memberId: string, operationId: string): Statement {
  return join(
    { sql: 'START TRANSACTION', values: [] },
    {
      sql: `INSERT INTO \`${range.schema}\`.operation (operation_id, outcome, decided_at)
        VALUES (?, ${FENCED_OUTCOME}, ${decidedNow(range)}) ON DUPLICATE KEY UPDATE operation_id = operation_id`,
      values: [operationId, epoch, 'aborted', range.unit, BigInt(memberId)],
    },
    { sql: REQUIRE_LEASE, values: [range.unit, epoch] },
    { sql: 'COMMIT', values: [] },
    { sql: `SELECT outcome FROM \`${range.schema}\`.operation WHERE operation_id = ?`, values: [operationId] },
  );
}

/**
 * A member's row and how old the last heartbeat is that this server has seen: on a replica, its lag. The lease stands
 * on the left, so that an absent member still tells the age.
 */
export function readStatement(range: ShardRange, memberId: string): Statement {
  return {
    sql: `SELECT m.document, m.forks, TIMESTAMPDIFF(MICROSECOND, l.heartbeat_at, SYSDATE(6)) AS heartbeat_age_us
      FROM ${LEASE} l LEFT JOIN \`${range.schema}\`.member m ON m.member_id = ? WHERE l.unit = ?`,
    values: [BigInt(memberId), range.unit],
  };
}

/** `2026-01-02T03:04:05.678Z` as the database writes it, in UTC. */
export function sqlTime(iso: string): string {
  return iso.replace('T', ' ').replace('Z', '');
}

export function join(...statements: readonly Statement[]): Statement {
  return {
    sql: statements.map((statement) => statement.sql).join(';\n'),
    values: statements.flatMap((statement) => statement.values),
  };
}
