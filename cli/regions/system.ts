import { createCache } from '../../lambdas/cache';
import { type Log, systemClock } from '../../lambdas/core';
import { createClusters, isKeptRead, knownToBeIll, readmissionOf, reportsOf } from '../../lambdas/failover';
import { createShards } from '../../lambdas/shards';
import { hashOf } from '../../lambdas/switches';
import type { DeadLetterQueue } from '../../lambdas/sync';
import {
  DOMAIN_NAMES,
  DOMAINS,
  type DomainName,
  otherRegion,
  QUEUES,
  type Region,
  SYNC_TARGETS,
  UNITS,
} from '../../topology';
import { openQueue, putInto } from '../dead-letters';
import { DATABASE_USER, databasesOf, engineOf, readSecrets } from '../reconcile';
import type { SystemState } from '../state';
import { openSwitchSystem, type SwitchSystem } from '../switches';
import { type Seen, wasComparedSince } from './checks';

const STAGE = 'local';
const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** A person waits; a cache that is slow is not yet away. */
const CACHE_TIMEOUT_MS = 1000;

/** What is known before looking. */
export interface Known {
  /** How many reports of the region there had been, so that a new one is told from an old one. */
  readonly reports: number;
  /** Search domains that were compared with the rows by whoever asks. */
  readonly compared: ReadonlySet<DomainName>;
}

/** What the commands about a region ask, and do. */
export interface OpenRegion {
  readonly switches: SwitchSystem;
  /** How many reports of the region there have been. */
  reportCount(): Promise<number>;
  /** Tells its cache what it is owed, as far as it answers, and looks at everything else. */
  look(known: Known): Promise<Seen>;
  /** Asks the region's controller for the way back of one of its search domains. */
  readmit(domain: DomainName): Promise<void>;
  close(): Promise<void>;
}

/** @throws UsageError if the directory is not that of a local system */
export async function openRegion(region: Region, state: SystemState, directory: string): Promise<OpenRegion> {
  const { databasePassword } = await readSecrets(directory);
  const switches = openSwitchSystem(state);
  const clusters = createClusters({ region: otherRegion(region), stage: STAGE, endpoint: state.aws.endpoint });
  const shards = createShards({
    endpoints: databasesOf(state),
    secrets: { user: DATABASE_USER, password: databasePassword },
    connections: 2,
    clock: systemClock,
  });
  const address = (of: Region) => ({ ...engineOf(state, `redis-${of}`), tls: false });
  const cacheOfOther = createCache({
    region: otherRegion(region),
    endpoints: { A: address('A'), B: address('B') },
    clock: systemClock,
    log: SILENT,
    timeoutsMs: { local: CACHE_TIMEOUT_MS, other: CACHE_TIMEOUT_MS },
  });
  const queues: readonly DeadLetterQueue[] = QUEUES.filter((one) => one.region === region && one.kind === 'events').map(
    ({ name }) => openQueue(name, state),
  );
  const { decisions, observations, replays } = switches.arbiter;

  async function report() {
    return reportsOf(await observations.reports()).find((one) => one.region === region);
  }

  async function look({ reports, compared }: Known): Promise<Seen> {
    const other = otherRegion(region);
    const [last, book, ill] = await Promise.all([
      report(),
      decisions.switchBook(),
      knownToBeIll(switches.arbiter, other),
    ]);
    const fencedInStep = book.records[`regions/${region}`]?.acceptedInStep ?? 0;
    const stored = await switches.stores[region].read(Object.keys(book.records)).catch(() => undefined);
    return {
      region,
      isTakenForLost: ill.regions.includes(region),
      reach: last !== undefined && last.count > reports ? last.reach : undefined,
      clusters: (await Promise.all(UNITS.map(databases))).flat(),
      unreadKept: await unreadKept().catch(() => undefined),
      differingSwitches:
        stored &&
        Object.entries(book.records)
          .filter(([name, { text }]) => hashOf(stored.get(name)?.text ?? '') !== hashOf(text))
          .map(([name]) => name),
      queues: await Promise.all(
        queues.map(async (queue) => ({
          name: queue.queue.name,
          waiting: await queue.countWaiting().catch(() => undefined),
        })),
      ),
      owedFences: await owed(),
      domains: await Promise.all(DOMAIN_NAMES.filter((name) => DOMAINS[name].region === region).map(domain)),
    };

    async function domain(name: DomainName) {
      const target = SYNC_TARGETS.find(({ queue }) => queue === DOMAINS[name].queue)?.name ?? name;
      const sync = book.records[`sync/${target}`];
      const readmission = await readmissionOf(decisions, name);
      const isPaused = sync?.text === '"paused"';
      return {
        name,
        readmission,
        pausedBy: isPaused ? sync.actor : undefined,
        isVerified:
          compared.has(name) ||
          wasComparedSince(readmission, { fenced: fencedInStep, turned: sync?.acceptedInStep ?? 0 }),
      };
    }
  }

  async function databases({ name, clusters: names }: (typeof UNITS)[number]) {
    const heartbeatAgeMs = await shards.recovery.heartbeatAgeMs(name, region).catch(() => undefined);
    return Promise.all(
      names.map(async (cluster) => {
        const state = await clusters.describe(cluster).catch(() => undefined);
        const member = state?.members.find((one) => one.region === region);
        const isInStep = state && state.status === 'available' && member?.isAvailable === true;
        return { cluster, isInStep, heartbeatAgeMs };
      }),
    );
  }

  async function unreadKept(): Promise<string[]> {
    const kept = await clusters.kept(region);
    const unread = await Promise.all(
      kept.map(async ({ id, cluster }) => ((await isKeptRead(replays, id)) ? [] : [`${cluster}-${region}`])),
    );
    return [...new Set(unread.flat())];
  }

  /** Fences are kept for it in the other region's cache, and leave it when they have been taken. */
  async function owed(): Promise<number | undefined> {
    try {
      await cacheOfOther.ping(region);
      await cacheOfOther.replayUnfenced();
      return await cacheOfOther.owedFences();
    } catch {
      return undefined;
    }
  }

  return {
    switches,
    reportCount: async () => (await report())?.count ?? 0,
    look,
    async readmit(domain) {
      const body = JSON.stringify({ kind: 'readmit', domain });
      await putInto(`failover-${region}`, state, body);
    },
    async close() {
      for (const queue of queues) queue.close();
      clusters.close();
      await Promise.all([shards.close(), cacheOfOther.close(), switches.close()]);
    },
  };
}
