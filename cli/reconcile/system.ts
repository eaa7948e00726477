import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Arbiter } from '../../lambdas/arbiter';
import { createCache } from '../../lambdas/cache';
import { systemClock } from '../../lambdas/core';
import { type ComparisonParts, type FoundParts, type ReconcileParts, settleFound } from '../../lambdas/failover';
import { createAnnouncer } from '../../lambdas/members';
import { createDomain, type Domain } from '../../lambdas/search';
import { createShards } from '../../lambdas/shards';
import { Publisher } from '../../lambdas/sync';
import { DOMAIN_NAMES, DOMAINS, type DomainName, type Region, TOPIC, UNITS } from '../../topology';
import { lendCredentials, openArbiter, SILENT } from '../arbiter';
import type { SystemState } from '../state';
import { UsageError } from '../usage';

export const DATABASE_USER = 'twinkeep';
const CONNECTIONS = 2;

/** What of the secrets of a local system opens its databases, and hides contacts in its masked domain. */
const secretsSchema = z.object({ databasePassword: z.string(), contactKey: z.string() });

export type LocalSecrets = z.infer<typeof secretsSchema>;

/** The stores of a running system, as a function of a region sees them. */
export interface OpenStores {
  readonly parts: ReconcileParts & { readonly arbiter: Arbiter };
  readonly domains: Readonly<Record<DomainName, Domain>>;
  readonly secrets: LocalSecrets;
  close(): Promise<void>;
}

/** What a comparison of one domain asks, and what settles what it finds. */
export interface OpenComparison {
  readonly parts: ComparisonParts;
  readonly settle: ReturnType<typeof settleFound>;
  /** Makes indices that were lost. */
  provision(): Promise<void>;
  close(): Promise<void>;
}

/** @throws UsageError if the directory is not that of a local system */
export async function openComparison(name: DomainName, state: SystemState, directory: string): Promise<OpenComparison> {
  const { region } = DOMAINS[name];
  const { parts, domains, close } = await openStores(region, state, directory);
  const { decisions } = parts.arbiter;
  const writers = () => writersOf(parts.arbiter, region);
  const found: FoundParts = { ...parts, domains, units: () => decisions.units() };
  return {
    parts: { ranges: parts.shards.ranges, domain: domains[name], region, writers, clock: systemClock },
    settle: settleFound(found),
    provision: () => domains[name].provision(),
    close,
  };
}

/** Regions of the units' writers, strongly read. */
export async function writersOf({ decisions }: Arbiter, otherwise: Region): Promise<(unit: string) => Region> {
  const units = new Map((await decisions.units()).map(({ unit, writer }) => [unit, writer]));
  return (unit) => units.get(unit) ?? otherwise;
}

export function cacheAddress(state: SystemState, region: Region) {
  return { ...engineOf(state, `redis-${region}`), tls: false };
}

/** @throws UsageError if the directory is not that of a local system */
export async function openStores(region: Region, state: SystemState, directory: string): Promise<OpenStores> {
  const secrets = await readSecrets(directory);
  lendCredentials(state);
  const log = SILENT;
  const clock = systemClock;
  const arbiter = openArbiter(state, region);
  const domains = openDomains(state, secrets);
  const shards = createShards({
    endpoints: databasesOf(state),
    secrets: { user: DATABASE_USER, password: secrets.databasePassword },
    connections: CONNECTIONS,
    clock,
  });
  const endpoints = { A: cacheAddress(state, 'A'), B: cacheAddress(state, 'B') };
  const cache = createCache({ region, endpoints, clock, log });
  const { endpoint: aws, regions, accountId } = state.aws;
  const topic = (where: Region) => `arn:aws:sns:${regions[where]}:${accountId}:${TOPIC}`;
  const publisher = new Publisher({ endpoints: { aws, topics: { A: topic('A'), B: topic('B') } }, clock, log });
  return {
    parts: {
      arbiter,
      cache,
      shards,
      announcer: createAnnouncer({ region, cache, publisher, log }),
      clock,
      log,
    },
    domains,
    secrets,
    async close() {
      publisher.close();
      await Promise.all([shards.close(), cache.close(), ...DOMAIN_NAMES.map((name) => domains[name].close())]);
      arbiter.close();
    },
  };
}

function openDomains(state: SystemState, { contactKey }: LocalSecrets): Readonly<Record<DomainName, Domain>> {
  const open = (name: DomainName) => {
    const { host, port } = engineOf(state, name);
    const { holds } = DOMAINS[name];
    return createDomain({ name, url: `http://${host}:${port}`, holds, contactKey, replicas: 0, log: SILENT });
  };
  return Object.fromEntries(DOMAIN_NAMES.map((name) => [name, open(name)])) as Record<DomainName, Domain>;
}

/** @throws UsageError if the directory is not that of a local system */
export async function readSecrets(directory: string): Promise<LocalSecrets> {
  const path = join(resolve(directory), 'secrets.json');
  try {
    return secretsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    throw new UsageError(`${path} does not hold the secrets of a local system.`);
  }
}

export function databasesOf(state: SystemState) {
  const clusters = UNITS.flatMap((unit) => unit.clusters);
  return Object.fromEntries(
    clusters.map((cluster) => [cluster, { A: engineOf(state, `${cluster}-A`), B: engineOf(state, `${cluster}-B`) }]),
  );
}

/** @throws UsageError if the system has no such engine */
export function engineOf({ engines }: SystemState, name: string): { host: string; port: number } {
  const found = engines.find((engine) => engine.name === name);
  if (found === undefined) throw new UsageError(`The local system has no ${name}.`);
  return { host: found.host, port: found.port };
}
