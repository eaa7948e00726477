import { CONTROL_SCHEMA, type Region } from '../../topology';
import { clustersOf } from './leases';
import type { Servers } from './servers';
import { join } from './statements';

const FENCE = `\`${CONTROL_SCHEMA}\`.fence`;
const LEASE = `\`${CONTROL_SCHEMA}\`.lease`;
/** Longer than a statement waits for the trips that have passed the fence. */
const TIMEOUT_MS = 2500;

/** The epoch that every trip to a unit must name; it only rises. */
export class Fences {
  readonly #servers: Servers;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /**
   * Raises the fence of every cluster of the unit in one region to `epoch`, and takes the lease away with it. What has
   * passed the fence is waited for; nothing passes under an older epoch any more.
   *
   * @returns the lowest epoch that stands there now: above `epoch` if someone else was there later
   * @throws Unreachable, or the server's error: where it takes no writes, or a trip holds the fence for long
   */
  async raise(unit: string, epoch: number, region: Region): Promise<number> {
    const standing = await Promise.all(
      clustersOf(unit).map(async (cluster) => {
        const results = await this.#servers.at(cluster, region).trip(raiseStatement(unit, epoch), TIMEOUT_MS);
        // A cluster that was never founded has no fence, and must not be taken for a silent one.
        return Number(results.at(-1)?.[0]?.epoch ?? 0);
      }),
    );
    return Math.min(...standing);
  }
}

/**
 * In the order in which trips read them: first the fence, which they hold, then the lease, which nobody holds. The lease
 * ends long ago and not now: the row is replicated, and by the clock of another server now may lie ahead.
 */
function raiseStatement(unit: string, epoch: number) {
  return join(
    { sql: 'START TRANSACTION', values: [] },
    { sql: `UPDATE ${FENCE} SET epoch = ? WHERE unit = ? AND epoch < ?`, values: [epoch, unit, epoch] },
    {
      sql: `UPDATE ${LEASE} SET epoch = ?, lease_until = '2025-01-01' WHERE unit = ? AND epoch < ?`,
      values: [epoch, unit, epoch],
    },
    { sql: 'COMMIT', values: [] },
    { sql: `SELECT epoch FROM ${FENCE} WHERE unit = ?`, values: [unit] },
  );
}
