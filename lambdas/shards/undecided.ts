import type { Region } from '../../topology';
import type { SchemaPlace } from './outbox';
import { rangeOf } from './placement';
import type { Servers } from './servers';
import { FENCED_TIME, join } from './statements';

const TIMEOUT_MS = 5000;
/** Members refuse writes for so long at most: by then the events that a queue held back have come again. */
const UNDECIDED_FOR_S = 60;

/** Members that refuse writes because a failover left an operation behind whose outcome nobody knows yet. */
export class Undecided {
  readonly #servers: Servers;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /**
   * From now on; who was undecided before is so anew.
   *
   * @throws the server's error where its fence names another epoch: then nobody entered
   */
  async enter(memberIds: readonly string[], epoch: number, writer: Region): Promise<void> {
    const clusters = new Set(memberIds.map((memberId) => rangeOf(memberId).cluster));
    for (const cluster of clusters) {
      const here = memberIds.filter((memberId) => rangeOf(memberId).cluster === cluster);
      const entries = here.map((memberId) => {
        const { schema, unit } = rangeOf(memberId);
        return {
          sql: `INSERT INTO \`${schema}\`.undecided (member_id, since) VALUES (?, ${FENCED_TIME})
            ON DUPLICATE KEY UPDATE since = SYSDATE(6)`,
          values: [BigInt(memberId), epoch, unit],
        };
      });
      const trip = join({ sql: 'START TRANSACTION', values: [] }, ...entries, { sql: 'COMMIT', values: [] });
      await this.#servers.at(cluster, writer).trip(trip, TIMEOUT_MS);
    }
  }

  /** Those whose time is over, at most `limit`. */
  async overdue(place: SchemaPlace, writer: Region, limit: number): Promise<string[]> {
    const sql = `SELECT CAST(member_id AS CHAR) AS member_id FROM \`${place.schema}\`.undecided
      WHERE since < SYSDATE(6) - INTERVAL ${UNDECIDED_FOR_S} SECOND LIMIT ?`;
    const rows = await this.#servers.at(place.cluster, writer).read({ sql, values: [limit] }, TIMEOUT_MS);
    return rows.map(({ member_id }) => String(member_id));
  }

  /** Ends it for a member whose time is over, and for nobody who was entered anew meanwhile. */
  async end(memberId: string, writer: Region): Promise<void> {
    const { cluster, schema } = rangeOf(memberId);
    const sql = `DELETE FROM \`${schema}\`.undecided
      WHERE member_id = ? AND since < SYSDATE(6) - INTERVAL ${UNDECIDED_FOR_S} SECOND`;
    await this.#servers.at(cluster, writer).read({ sql, values: [BigInt(memberId)] }, TIMEOUT_MS);
  }
}
