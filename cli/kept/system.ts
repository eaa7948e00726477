import { createArbiter } from '../../lambdas/arbiter';
import { createCache } from '../../lambdas/cache';
import { type Log, systemClock } from '../../lambdas/core';
import type { Kept, KeptParts } from '../../lambdas/failover';
import { createAnnouncer } from '../../lambdas/members';
import { createShards } from '../../lambdas/shards';
import { Publisher } from '../../lambdas/sync';
import { REGIONS, type Region, TOPIC, UNITS } from '../../topology';
import { DATABASE_USER, databasesOf, engineOf, readSecrets } from '../reconcile';
import type { SystemState } from '../state';
import { UsageError } from '../usage';

const TABLE_PREFIX = 'twinkeep-local';
const CONNECTIONS = 2;
const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface OpenKept {
  readonly parts: KeptParts;
  readonly kept: Kept;
  close(): Promise<void>;
}

/** Every database server: `a1-A`. */
export function serverNames(): readonly string[] {
  return placed().map(({ server }) => server);
}

function placed() {
  return UNITS.flatMap(({ name: unit, clusters }) =>
    clusters.flatMap((cluster) => REGIONS.map((region) => ({ unit, cluster, region, server: `${cluster}-${region}` }))),
  );
}

/** @throws UsageError if nothing of the server is shown, or the directory is not that of a local system */
export async function openKept(server: string, state: SystemState, directory: string): Promise<OpenKept> {
  const place = placed().find((one) => one.server === server);
  const shown = state.kept.find((one) => one.server === server);
  if (place === undefined || shown === undefined) {
    throw new UsageError(
      `Nothing that was kept of ${server} can be read. Have it shown: npm run local -- restore ${server}`,
    );
  }
  const { databasePassword, contactKey: _ } = await readSecrets(directory);
  const { aws } = state;
  // The clients take their credentials from where functions have them.
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: aws.accessKeyId, AWS_SECRET_ACCESS_KEY: aws.secretAccessKey });
  const { unit, cluster, region } = place;
  const databases = databasesOf(state);
  const account = { secrets: { user: DATABASE_USER, password: databasePassword }, connections: CONNECTIONS };
  const clock = systemClock;
  const shards = createShards({ endpoints: databases, ...account, clock });
  const address = { host: shown.host, port: shown.port };
  const keptShards = createShards({ endpoints: { [cluster]: { A: address, B: address } }, ...account, clock });
  const caches = { A: cacheAddress(state, 'A'), B: cacheAddress(state, 'B') };
  const cache = createCache({ region, endpoints: caches, clock, log: SILENT });
  const arbiter = createArbiter({
    region,
    awsRegion: aws.regions[region],
    endpoint: aws.endpoint,
    tablePrefix: TABLE_PREFIX,
    clock,
    log: SILENT,
  });
  const topicOf = (of: Region) => `arn:aws:sns:${aws.regions[of]}:${aws.accountId}:${TOPIC}`;
  const publisher = new Publisher({
    endpoints: { aws: aws.endpoint, topics: { A: topicOf('A'), B: topicOf('B') } },
    clock,
    log: SILENT,
  });
  const announcer = createAnnouncer({ region, cache, publisher, log: SILENT });
  return {
    parts: { arbiter, cache, shards, announcer, clock, log: SILENT },
    kept: { id: shown.snapshot, unit, cluster, region, rows: keptShards.recovery },
    async close() {
      publisher.close();
      await Promise.all([shards.close(), keptShards.close(), cache.close()]);
      arbiter.close();
    },
  };
}

function cacheAddress(state: SystemState, region: Region) {
  return { ...engineOf(state, `redis-${region}`), tls: false };
}
