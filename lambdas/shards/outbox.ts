import { type Region, SHARD_MAP } from '../../topology';
import type { MemberEvent } from '../core';
import { rangeOf } from './placement';
import { parse } from './rows';
import type { Servers } from './servers';
import { join, type Statement } from './statements';

const TIMEOUT_MS = 5000;
const FIRST_DELAY_S = 30;
const SOON_S = 5;
/** Delays double up to 2^this times the first one, about eight hours. */
const MAX_DOUBLINGS = 10;

/** A schema of one cluster. */
export interface SchemaPlace {
  readonly cluster: string;
  readonly schema: string;
}

export function schemasOfUnit(unit: string): SchemaPlace[] {
  return SHARD_MAP.filter((range) => range.unit === unit).map(({ cluster, schema }) => ({ cluster, schema }));
}

/** Events that were committed with their members and have not yet been seen to arrive. */
export class Outbox {
  readonly #servers: Servers;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /**
   * Deletes the rows of events that have arrived; those that are gone already do no harm. In one transaction for each
   * cluster, because each commit waits for the disk; in one order, so that two consumers never wait crosswise.
   */
  async deleteArrived(events: readonly MemberEvent[], writer: Region): Promise<void> {
    const clusters = new Set(events.map((event) => rangeOf(event.memberId).cluster));
    await Promise.all(
      [...clusters].map((cluster) => {
        const arrived = events.filter((event) => rangeOf(event.memberId).cluster === cluster).sort(byKey);
        return this.#servers.at(cluster, writer).trip(committed(arrived.map(deleteStatement)), TIMEOUT_MS);
      }),
    );
  }

  /** Lets events that no topic accepted be taken again soon: only what was accepted in vain is tried ever more rarely. */
  async retrySoon(place: SchemaPlace, events: readonly MemberEvent[], writer: Region): Promise<void> {
    await this.#servers
      .at(place.cluster, writer)
      .trip(committed([...events].sort(byKey).map(soonStatement)), TIMEOUT_MS);
  }

  /**
   * Takes up to `limit` events whose time has come and puts their next time off, so that two relays never take the
   * same row at once and a row that is published in vain is tried ever more rarely.
   */
  takeDue(place: SchemaPlace, writer: Region, limit: number): Promise<MemberEvent[]> {
    const outbox = `\`${place.schema}\`.outbox`;
    return this.#servers.at(place.cluster, writer).transaction(TIMEOUT_MS, async (run) => {
      const [due = []] = await run({
        sql: `SELECT CAST(member_id AS CHAR) AS member_id, version, event FROM ${outbox} WHERE next_at <= NOW(6)
          ORDER BY next_at LIMIT ? FOR UPDATE SKIP LOCKED`,
        values: [limit],
      });
      if (due.length === 0) return [];
      await run(join(...due.map((row) => putOffStatement(outbox, row))));
      return due.map((row) => parse<MemberEvent>(row.event));
    });
  }
}

function committed(statements: readonly Statement[]): Statement {
  return join({ sql: 'START TRANSACTION', values: [] }, ...statements, { sql: 'COMMIT', values: [] });
}

function byKey(one: MemberEvent, other: MemberEvent): number {
  return one.memberId.localeCompare(other.memberId) || one.version - other.version;
}

/** By the whole key: a list of keys may be looked for in the whole table, and wait for every row that somebody locks. */
function putOffStatement(outbox: string, row: Readonly<Record<string, unknown>>) {
  return {
    sql: `UPDATE ${outbox} SET attempts = attempts + 1,
      next_at = SYSDATE(6) + INTERVAL ${FIRST_DELAY_S} * POW(2, LEAST(attempts, ${MAX_DOUBLINGS})) SECOND
      WHERE member_id = ? AND version = ?`,
    values: [BigInt(String(row.member_id)), row.version],
  };
}

function soonStatement(event: MemberEvent) {
  return {
    sql: `UPDATE \`${rangeOf(event.memberId).schema}\`.outbox SET attempts = 0,
      next_at = SYSDATE(6) + INTERVAL ${SOON_S} SECOND WHERE member_id = ? AND version = ?`,
    values: [BigInt(event.memberId), event.version],
  };
}

function deleteStatement(event: MemberEvent) {
  return {
    // By operation too: a version that was announced once more, for a retry, is not the event that the row owes.
    sql: `DELETE FROM \`${rangeOf(event.memberId).schema}\`.outbox WHERE member_id = ? AND version = ?
      AND JSON_UNQUOTE(JSON_EXTRACT(event, '$.operationId')) = ?`,
    values: [BigInt(event.memberId), event.version, event.operationId],
  };
}
