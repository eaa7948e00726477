import { CONTROL_SCHEMA, type Region, UNITS } from '../../topology';
import type { Servers } from './servers';

const LEASE = `\`${CONTROL_SCHEMA}\`.lease`;
const TIMEOUT_MS = 2000;

/** One cluster's own clock and its lease's end, as its database writes times, and what is left of the lease by it. */
export interface LeaseClock {
  readonly cluster: string;
  readonly now: string;
  readonly until: string;
  readonly leftMs: number;
}

export function clustersOf(unit: string): readonly string[] {
  return UNITS.find((candidate) => candidate.name === unit)?.clusters ?? [];
}

/** A unit's lease: its writer takes writes only while it lies ahead on that database's own clock. */
export class Leases {
  readonly #servers: Servers;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /**
   * Reads each cluster's clock, and how long its lease still runs by it. The grant counts from this reading, taken
   * before the renewal is decided.
   */
  readClocks(unit: string, writer: Region): Promise<LeaseClock[]> {
    return Promise.all(
      clustersOf(unit).map(async (cluster) => {
        const sql = `SELECT SYSDATE(6) AS now, MAX(lease_until) AS until,
          TIMESTAMPDIFF(MICROSECOND, SYSDATE(6), MAX(lease_until)) AS left_us FROM ${LEASE} WHERE unit = ?`;
        const [row] = await this.#servers.at(cluster, writer).read({ sql, values: [unit] }, TIMEOUT_MS);
        const leftMs = Math.max(0, Math.ceil(Number(row?.left_us ?? 0) / 1000));
        return { cluster, now: String(row?.now), until: String(row?.until), leftMs };
      }),
    );
  }

  /**
   * Extends the lease to the reading plus the grant, never shortening it, only under the same epoch, and only if it is
   * still the lease that was read: whoever changed it meanwhile knows nothing of this grant.
   */
  async extend(
    lease: { unit: string; epoch: number; cluster: string; now: string; until: string },
    grantMs: number,
    writer: Region,
  ): Promise<void> {
    await this.#servers.at(lease.cluster, writer).read(
      {
        sql: `UPDATE ${LEASE} SET lease_until = GREATEST(lease_until, CAST(? AS DATETIME(6)) + INTERVAL ? MICROSECOND),
          heartbeat_at = SYSDATE(6) WHERE unit = ? AND epoch = ? AND lease_until = CAST(? AS DATETIME(6))`,
        values: [lease.now, grantMs * 1000, lease.unit, lease.epoch, lease.until],
      },
      TIMEOUT_MS,
    );
  }

  /**
   * Leaves at most `leftMs` of a lease. It ends earlier in any case, if only by a microsecond, so that no extension
   * whose clock was read before finds the lease that it read.
   */
  async shorten(lease: { unit: string; epoch: number }, leftMs: number, writer: Region): Promise<void> {
    const sql = `UPDATE ${LEASE} SET lease_until = LEAST(lease_until, SYSDATE(6) + INTERVAL ? MICROSECOND)
      - INTERVAL 1 MICROSECOND WHERE unit = ? AND epoch = ?`;
    const values = [leftMs * 1000, lease.unit, lease.epoch];
    await Promise.all(
      clustersOf(lease.unit).map((cluster) => this.#servers.at(cluster, writer).read({ sql, values }, TIMEOUT_MS)),
    );
  }

  /** Marks that the unit's writer was seen, whether its lease was renewed or not: replicas tell their lag by it. */
  async beat(unit: string, writer: Region): Promise<void> {
    await Promise.all(
      clustersOf(unit).map((cluster) =>
        this.#servers
          .at(cluster, writer)
          .read({ sql: `UPDATE ${LEASE} SET heartbeat_at = SYSDATE(6) WHERE unit = ?`, values: [unit] }, TIMEOUT_MS),
      ),
    );
  }
}
