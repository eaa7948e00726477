import { DOMAIN_NAMES, REGIONS, UNITS } from '../../topology';
import type { Arbiter } from '../arbiter';
import type { Cache } from '../cache';
import type { Clock } from '../core';
import type { Shards } from '../shards';
import type { Domains } from './domains';

export interface HealthParts {
  readonly arbiter: Arbiter;
  readonly cache: Cache;
  readonly shards: Shards;
  readonly domains: Domains;
  readonly clock: Clock;
}

interface Dependency {
  readonly name: string;
  readonly ok: boolean;
  readonly latencyMs: number;
}

const PING_TIMEOUT_MS = 800;

/** Asks every dependency of this function whether it answers. */
export async function checkDependencies(parts: HealthParts): Promise<{ status: string; dependencies: Dependency[] }> {
  const { arbiter, cache, shards, domains, clock } = parts;
  const pings: [string, () => Promise<void>][] = [
    ['cache', () => cache.ping()],
    ['arbiter', () => arbiter.ping()],
    ...UNITS.flatMap(({ clusters }) => clusters).flatMap((cluster) =>
      REGIONS.map((region): [string, () => Promise<void>] => [
        `database ${cluster}-${region}`,
        () => shards.ping(cluster, region, PING_TIMEOUT_MS),
      ]),
    ),
    ...DOMAIN_NAMES.map((name): [string, () => Promise<void>] => [
      `search ${name}`,
      () => domains[name].ping(PING_TIMEOUT_MS),
    ]),
  ];
  const dependencies = await Promise.all(pings.map(([name, ping]) => timed(name, ping, clock)));
  return { status: dependencies.every(({ ok }) => ok) ? 'ok' : 'degraded', dependencies };
}

async function timed(name: string, ping: () => Promise<void>, clock: Clock): Promise<Dependency> {
  const startedAtMs = clock.monotonicMs();
  const ok = await ping().then(
    () => true,
    () => false,
  );
  return { name, ok, latencyMs: Math.round(clock.monotonicMs() - startedAtMs) };
}
