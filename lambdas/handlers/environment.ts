import { AWS_REGIONS } from '../../topology';
import { type Arbiter, type ArbiterOptions, createArbiter } from '../arbiter';
import { type Cache, type CacheOptions, createCache } from '../cache';
import { type Clock, type Config, createLog, createMetrics, type Log, systemClock, type WrittenMetrics } from '../core';
import { createShards, type Places, type Shards } from '../shards';
import { SNAPSHOT_KEY, Switches } from '../switches';

/** What every function starts with. */
export interface Environment {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** Written at the end of invocations, which `defineFunction` sees to. */
  readonly metrics: WrittenMetrics;
}

export function startEnvironment(config: Config): Environment {
  const clock = systemClock;
  const metrics = createMetrics({ ...config, clock, write: (lines) => process.stdout.write(lines) });
  return { config, clock, log: createLog(config), metrics };
}

/** @param place where requests wait for it */
export function openArbiter({ config, clock, log, metrics }: Environment, place?: ArbiterOptions['place']): Arbiter {
  const { aws, tablePrefix } = config.endpoints;
  return createArbiter({
    region: config.region,
    awsRegion: AWS_REGIONS[config.region],
    ...(aws === undefined ? {} : { endpoint: aws }),
    ...(place === undefined ? {} : { place }),
    tablePrefix,
    clock,
    log,
    metrics,
  });
}

/** @param timeoutsMs for who waits longer than a request would */
export function openCache(
  { config, clock, log, metrics }: Environment,
  timeoutsMs?: CacheOptions['timeoutsMs'],
): Cache {
  const { caches } = config.endpoints;
  const patience = timeoutsMs === undefined ? {} : { timeoutsMs };
  return createCache({
    region: config.region,
    endpoints: caches,
    account: config.secrets.cache,
    clock,
    log,
    metrics,
    ...patience,
  });
}

/**
 * @param connections most connections to each database server
 * @param places where requests wait for them
 */
export function openShards({ config, clock, log, metrics }: Environment, connections: number, places?: Places): Shards {
  return createShards({
    endpoints: config.endpoints.databases,
    secrets: config.secrets.database,
    masters: config.secrets.masters,
    connections,
    places,
    clock,
    log,
    metrics,
  });
}

/** Longer than any pause of the heartbeat that lays it there anew. */
const SNAPSHOT_TTL_MS = 3_600_000;

export function openSwitches({ clock, log }: Environment, arbiter: Arbiter, cache: Cache): Switches {
  return new Switches({
    decisions: arbiter.decisions,
    store: {
      get: () => cache.getText(SNAPSHOT_KEY),
      put: (text) => cache.setTextBoth(SNAPSHOT_KEY, text, SNAPSHOT_TTL_MS),
    },
    clock,
    log,
  });
}
