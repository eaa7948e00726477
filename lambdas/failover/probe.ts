import { DOMAIN_NAMES, type DomainName, REGIONS, type Region, UNITS } from '../../topology';
import type { Cache } from '../cache';
import type { Domain } from '../search';
import type { Shards } from '../shards';
import type { Reach } from './controller';

export interface ProbeParts {
  readonly cache: Pick<Cache, 'probe'>;
  readonly shards: Pick<Shards, 'ping' | 'leases'>;
  readonly domains: Readonly<Record<DomainName, Pick<Domain, 'ping'>>>;
  readonly region: Region;
}

/** Longer than a busy store takes, and shorter than the rhythm of the probes. */
const PROBE_TIMEOUT_MS = 2000;

/** What is reached from here, asked all at once. Never fails. */
export async function probe({ cache, shards, domains, region }: ProbeParts): Promise<Reach> {
  const [databases, caches, reached, heartbeatAgesMs] = await Promise.all([
    byName(
      UNITS.map(({ name }) => name),
      (name) => byName(REGIONS, (region) => reachesUnit(shards, name, region)),
    ),
    byName(REGIONS, (region) => answers(cache.probe(region))),
    byName(DOMAIN_NAMES, (name) => answers(domains[name].ping(PROBE_TIMEOUT_MS))),
    heartbeatAges(shards, region),
  ]);
  return { databases, caches, domains: reached, heartbeatAgesMs };
}

/** Of units whose databases tell it. */
async function heartbeatAges(shards: ProbeParts['shards'], region: Region): Promise<Record<string, number>> {
  const ages = await byName(
    UNITS.map(({ name }) => name),
    (name) => shards.leases.heartbeatAgeMs(name, region, PROBE_TIMEOUT_MS).catch(() => undefined),
  );
  return Object.fromEntries(Object.entries(ages).flatMap(([name, age]) => (age === undefined ? [] : [[name, age]])));
}

/** All of its clusters must answer: a unit is moved as a whole. */
async function reachesUnit(shards: ProbeParts['shards'], name: string, region: Region): Promise<boolean> {
  const clusters = UNITS.find((unit) => unit.name === name)?.clusters ?? [];
  const reached = await Promise.all(clusters.map((cluster) => answers(shards.ping(cluster, region, PROBE_TIMEOUT_MS))));
  return reached.every(Boolean);
}

function answers(ping: Promise<void>): Promise<boolean> {
  return ping.then(
    () => true,
    () => false,
  );
}

async function byName<Name extends string, T>(
  names: readonly Name[],
  ask: (name: Name) => Promise<T>,
): Promise<Record<Name, T>> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await ask(name)]))) as Record<Name, T>;
}
