import { type Region, UNITS } from '../../topology';
import type { MemberEvent, MemberRow } from '../core';
import type { SchemaPlace } from './outbox';
import { rangeOf } from './placement';
import { memberRow } from './rows';
import type { Servers } from './servers';
import { FENCED_OUTCOME, FENCED_TIME, join, LEASE, sqlTime } from './statements';

const TIMEOUT_MS = 10_000;

/** A place among the rows of a schema in the order of their last change. */
export interface RowPosition {
  readonly updatedAt: string;
  readonly memberId: string;
}

/** What the replay of a failover asks of the promoted writer, many rows at a time. */
export class Recovery {
  readonly #servers: Servers;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /**
   * How long ago, by this server's clock, the oldest of the heartbeats was written that reached it: of what was committed
   * before, nothing is missing here.
   */
  async heartbeatAgeMs(unit: string, writer: Region): Promise<number> {
    const clusters = UNITS.find(({ name }) => name === unit)?.clusters ?? [];
    const ages = await Promise.all(
      clusters.map(async (cluster) => {
        const sql = `SELECT TIMESTAMPDIFF(MICROSECOND, heartbeat_at, SYSDATE(6)) AS age_us FROM ${LEASE} WHERE unit = ?`;
        const [row] = await this.#servers.at(cluster, writer).read({ sql, values: [unit] }, TIMEOUT_MS);
        return Number(row?.age_us ?? 0) / 1000;
      }),
    );
    return Math.max(0, ...ages);
  }

  /** The rows that there are of these members, by id. */
  async rows(memberIds: readonly string[], writer: Region): Promise<ReadonlyMap<string, MemberRow>> {
    const found = new Map<string, MemberRow>();
    await Promise.all(
      bySchema(memberIds).map(async ({ place, ids }) => {
        const sql = `SELECT document, forks FROM \`${place.schema}\`.member WHERE member_id IN (?)`;
        const values = [ids.map(BigInt)];
        for (const row of await this.#servers.at(place.cluster, writer).read({ sql, values }, TIMEOUT_MS)) {
          const read = memberRow(row);
          if (read !== undefined) found.set(read.document.memberId, read);
        }
      }),
    );
    return found;
  }

  /** What became of those of these operations of a member that are decided. */
  async decided(
    memberId: string,
    operationIds: readonly string[],
    writer: Region,
  ): Promise<ReadonlyMap<string, 'committed' | 'aborted'>> {
    const { cluster, schema } = rangeOf(memberId);
    const sql = `SELECT operation_id, outcome FROM \`${schema}\`.operation WHERE operation_id IN (?)`;
    const rows = await this.#servers.at(cluster, writer).read({ sql, values: [operationIds] }, TIMEOUT_MS);
    return new Map(rows.map(({ operation_id, outcome }) => [String(operation_id), outcome as 'committed']));
  }

  /**
   * Decides an operation as committed, unless it is decided already: what it wrote was found.
   *
   * @throws the server's error where its fence names another epoch
   */
  async recordCommitted(memberId: string, operationId: string, epoch: number, writer: Region): Promise<void> {
    const { cluster, schema, unit } = rangeOf(memberId);
    const sql = `INSERT INTO \`${schema}\`.operation (operation_id, outcome, decided_at)
      VALUES (?, ${FENCED_OUTCOME}, SYSDATE(6)) ON DUPLICATE KEY UPDATE operation_id = operation_id`;
    const values = [operationId, epoch, 'committed', unit];
    await this.#servers.at(cluster, writer).trip({ sql, values }, TIMEOUT_MS);
  }

  /** Rows that were changed at or after `sinceMs` and stand behind a position, in the order of their last change. */
  async changedSince(
    place: SchemaPlace,
    writer: Region,
    page: { readonly since: string; readonly after: RowPosition | undefined; readonly limit: number },
  ): Promise<MemberRow[]> {
    const { updatedAt, memberId } = page.after ?? { updatedAt: page.since, memberId: '-1' };
    const at = sqlTime(updatedAt);
    const sql = `SELECT document, forks FROM \`${place.schema}\`.member
      WHERE updated_at > ? OR (updated_at = ? AND member_id > ?) ORDER BY updated_at, member_id LIMIT ?`;
    const values = [at, at, BigInt(memberId), page.limit];
    const rows = await this.#servers.at(place.cluster, writer).read({ sql, values }, TIMEOUT_MS);
    return rows.flatMap((row) => memberRow(row) ?? []);
  }

  /**
   * Lets events be published once more, at so many a second and not before `delayS`; an event that is owed for the same
   * version already says more and stays.
   *
   * @throws the server's error where its fence names another epoch: then nothing was noted
   */
  async owe(
    place: SchemaPlace,
    events: readonly MemberEvent[],
    pace: { readonly delayS: number; readonly perS: number },
    epoch: number,
    writer: Region,
  ): Promise<void> {
    if (events.length === 0) return;
    const entries = events.map((event, index) => ({
      sql: `INSERT INTO \`${place.schema}\`.outbox (member_id, version, event, next_at)
        VALUES (?, ?, ?, ${FENCED_TIME} + INTERVAL ? MICROSECOND) ON DUPLICATE KEY UPDATE version = VALUES(version)`,
      values: [
        BigInt(event.memberId),
        event.version,
        JSON.stringify(event),
        epoch,
        event.unit,
        Math.round((pace.delayS + index / pace.perS) * 1e6),
      ],
    }));
    const trip = join({ sql: 'START TRANSACTION', values: [] }, ...entries, { sql: 'COMMIT', values: [] });
    await this.#servers.at(place.cluster, writer).trip(trip, TIMEOUT_MS);
  }
}

function bySchema(memberIds: readonly string[]): { place: SchemaPlace; ids: readonly string[] }[] {
  const places = new Map<string, { place: SchemaPlace; ids: string[] }>();
  for (const memberId of memberIds) {
    const { cluster, schema } = rangeOf(memberId);
    const known = places.get(`${cluster}/${schema}`) ?? { place: { cluster, schema }, ids: [] };
    known.ids.push(memberId);
    places.set(`${cluster}/${schema}`, known);
  }
  return [...places.values()];
}
