import { createArbiter } from '../../../lambdas/arbiter';
import { createCache } from '../../../lambdas/cache';
import { type Clock, type Log, systemClock } from '../../../lambdas/core';
import type { Parts } from '../../../lambdas/members';
import { createShards } from '../../../lambdas/shards';
import { Switches } from '../../../lambdas/switches';
import { Publisher } from '../../../lambdas/sync';
import { AWS_REGIONS, type Region, TOPIC, UNITS } from '../../../topology';
import { engine, readState, secrets } from './system';

export const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The rooms of one region on the engines of the system under test, beside its own functions. */
export function openParts(region: Region, clock: Clock = systemClock): Parts & { close(): Promise<void> } {
  const { aws } = readState();
  process.env.AWS_ACCESS_KEY_ID = aws.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = aws.secretAccessKey;
  const address = (name: string) => ({ host: engine(name).host, port: engine(name).port });
  const cacheAddress = (of: Region) => ({ ...address(`redis-${of}`), tls: false });
  const caches = { A: cacheAddress('A'), B: cacheAddress('B') };
  const clusters = UNITS.flatMap((unit) => unit.clusters);
  const databases = Object.fromEntries(
    clusters.map((cluster) => [cluster, { A: address(`${cluster}-A`), B: address(`${cluster}-B`) }]),
  );
  const topic = (of: Region) => `arn:aws:sns:${AWS_REGIONS[of]}:${aws.accountId}:${TOPIC}`;
  const arbiter = createArbiter({
    region,
    awsRegion: AWS_REGIONS[region],
    endpoint: aws.endpoint,
    tablePrefix: 'twinkeep-local',
    clock,
    log: SILENT,
  });
  const cache = createCache({ region, endpoints: caches, clock: systemClock, log: SILENT });
  const database = { user: 'twinkeep', password: String(secrets().databasePassword) };
  const shards = createShards({ endpoints: databases, secrets: database, connections: 8, clock: systemClock });
  const store = { get: async () => undefined, put: async () => undefined };
  const switches = new Switches({ decisions: arbiter.decisions, store, clock: systemClock, log: SILENT });
  const domains = { order: '', standby: '', marketing: '' };
  const endpoints = {
    databases,
    caches,
    domains,
    aws: aws.endpoint,
    topics: { A: topic('A'), B: topic('B') },
    queues: {},
    tablePrefix: 'twinkeep-local',
  };
  const publisher = new Publisher({ endpoints, clock: systemClock, log: SILENT });
  return {
    region,
    arbiter,
    cache,
    shards,
    switches,
    publisher,
    clock,
    log: SILENT,
    close: async () => {
      publisher.close();
      await Promise.all([cache.close(), shards.close()]);
      arbiter.close();
    },
  };
}
