import { type Cache, createCache } from '../../lambdas/cache';
import { systemClock } from '../../lambdas/core';
import { createClusters } from '../../lambdas/failover';
import { createShards, type Shards } from '../../lambdas/shards';
import { REGIONS, type Region, UNITS } from '../../topology';
import { openArbiter, SILENT } from '../arbiter';
import { DATABASE_USER, databasesOf, engineOf, readSecrets } from '../reconcile';
import type { SystemState } from '../state';

const STAGE = 'local';
/** Of what a hold may take, so that one cache that is slow does not take all of it. */
const CACHE_TIMEOUT_MS = 500;

/** What a hold of a unit asks, and does. */
export interface HoldSystem {
  readonly cache: Pick<Cache, 'takeHold' | 'ping'>;
  readonly leases: Shards['leases'];
  /** Where the writers of these clusters stand; undefined if they differ, or one is being moved. @throws without RDS */
  writerOf(clusters: readonly string[]): Promise<Region | undefined>;
  /** @throws Problem UNAVAILABLE while the arbiter does not answer */
  askArbiter(unit: string): Promise<unknown>;
  close(): Promise<void>;
}

export function clustersOf(unit: string): readonly string[] {
  return UNITS.find(({ name }) => name === unit)?.clusters ?? [];
}

/** @throws UsageError if the directory is not that of a local system */
export async function openHoldSystem(state: SystemState, directory: string): Promise<HoldSystem> {
  const { databasePassword } = await readSecrets(directory);
  const shards = createShards({
    endpoints: databasesOf(state),
    secrets: { user: DATABASE_USER, password: databasePassword },
    connections: 2,
    clock: systemClock,
  });
  const address = (region: Region) => ({ ...engineOf(state, `redis-${region}`), tls: false });
  const cache = createCache({
    region: 'A',
    endpoints: { A: address('A'), B: address('B') },
    clock: systemClock,
    log: SILENT,
    timeoutsMs: { local: CACHE_TIMEOUT_MS, other: CACHE_TIMEOUT_MS },
  });
  const arbiter = openArbiter(state);
  const clusters = createClusters({ region: 'A', stage: STAGE, endpoint: state.aws.endpoint });
  return {
    cache,
    leases: shards.leases,
    async writerOf(names) {
      const states = await Promise.all(names.map((name) => clusters.describe(name)));
      return REGIONS.find((region) =>
        states.every(({ writer, status }) => writer === region && status === 'available'),
      );
    },
    askArbiter: (unit) => arbiter.decisions.unit(unit),
    async close() {
      arbiter.close();
      clusters.close();
      await Promise.all([cache.close(), shards.close()]);
    },
  };
}
