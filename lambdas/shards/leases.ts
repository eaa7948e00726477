import { type Region, UNITS } from '../../topology';
import type { Servers } from './servers';
import { FENCE, join, LEASE } from './statements';

const TIMEOUT_MS = 2000;
/** Of an address that stands for a role only that of the role of now answers. */
const ROLES = ['writer', 'replica'] as const;

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
   * The clock of each cluster with the epoch that its fence and its lease name, where both name the same and the unit was
   * ever given a lease under it; else the cluster is missing.
   */
  async readEpochs(unit: string, writer: Region): Promise<{ cluster: string; now: string; epoch: number }[]> {
    const read = clustersOf(unit).map(async (cluster) => {
      const sql = `SELECT SYSDATE(6) AS now, lease.epoch AS epoch FROM ${LEASE} AS lease
        JOIN ${FENCE} AS fence ON fence.unit = lease.unit AND fence.epoch = lease.epoch
        WHERE lease.unit = ? AND lease.lease_until > SYSDATE(6) - INTERVAL 1 DAY`;
      const rows = await this.#servers.at(cluster, writer).read({ sql, values: [unit] }, TIMEOUT_MS);
      return rows.map(({ now, epoch }) => ({ cluster, now: String(now), epoch: Number(epoch) }));
    });
    return (await Promise.all(read)).flat();
  }

  /**
   * Extends the lease by hand, while nobody can renew it: to the reading plus the grant, never shortening it, and only under
   * the same epoch.
   *
   * @returns whether it stands under that epoch
   */
  async hold(
    lease: { unit: string; epoch: number; cluster: string; now: string },
    grantMs: number,
    writer: Region,
  ): Promise<boolean> {
    const { unit, epoch, cluster, now } = lease;
    const trip = join(
      {
        sql: `UPDATE ${LEASE} SET lease_until = GREATEST(lease_until, CAST(? AS DATETIME(6)) + INTERVAL ? MICROSECOND)
          WHERE unit = ? AND epoch = ?`,
        values: [now, grantMs * 1000, unit, epoch],
      },
      { sql: `SELECT 1 AS held FROM ${LEASE} WHERE unit = ? AND epoch = ?`, values: [unit, epoch] },
    );
    const results = await this.#servers.at(cluster, writer).trip(trip, TIMEOUT_MS);
    return results.at(-1)?.[0]?.held === 1;
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

  /**
   * How old the newest heartbeat is that the databases of a region have of a unit, by their own clocks; of several clusters
   * the oldest. On a copy that is its lag, while somebody writes heartbeats.
   *
   * @returns undefined where one of them has none
   * @throws where one answers in no role
   */
  async heartbeatAgeMs(unit: string, region: Region, timeoutMs: number): Promise<number | undefined> {
    const sql = `SELECT TIMESTAMPDIFF(MICROSECOND, heartbeat_at, SYSDATE(6)) AS age_us FROM ${LEASE} WHERE unit = ?`;
    const ages = await Promise.all(
      clustersOf(unit).map(async (cluster) => {
        const servers = new Set(ROLES.map((role) => this.#servers.at(cluster, region, role)));
        const answers = [...servers].map((server) => server.read({ sql, values: [unit] }, timeoutMs));
        const [row] = await Promise.any(answers);
        return row === undefined ? undefined : Number(row.age_us) / 1000;
      }),
    );
    const known = ages.filter((age) => age !== undefined);
    return known.length < ages.length ? undefined : Math.max(0, ...known);
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
