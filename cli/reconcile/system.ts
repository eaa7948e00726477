import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { createArbiter } from '../../lambdas/arbiter';
import { type Log, systemClock } from '../../lambdas/core';
import type { ComparisonParts } from '../../lambdas/failover';
import { createDomain } from '../../lambdas/search';
import { createShards } from '../../lambdas/shards';
import { DOMAINS, type DomainName, type Region, UNITS } from '../../topology';
import type { SystemState } from '../state';
import { UsageError } from '../usage';

const TABLE_PREFIX = 'twinkeep-local';
export const DATABASE_USER = 'twinkeep';
const CONNECTIONS = 2;

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What of the secrets of a local system opens its databases, and hides contacts in its masked domain. */
const secretsSchema = z.object({ databasePassword: z.string(), contactKey: z.string() });

/** What a comparison of one domain asks. */
export interface OpenComparison {
  readonly parts: ComparisonParts;
  /** Makes indices that were lost. */
  provision(): Promise<void>;
  close(): Promise<void>;
}

/** @throws UsageError if the directory is not that of a local system */
export async function openComparison(name: DomainName, state: SystemState, directory: string): Promise<OpenComparison> {
  const secrets = await readSecrets(directory);
  const { aws } = state;
  // The clients take their credentials from where functions have them.
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: aws.accessKeyId, AWS_SECRET_ACCESS_KEY: aws.secretAccessKey });
  const { region, holds } = DOMAINS[name];
  const { host, port } = engineOf(state, name);
  const domain = createDomain({
    name,
    url: `http://${host}:${port}`,
    holds,
    contactKey: secrets.contactKey,
    replicas: 0,
    log: SILENT,
  });
  const shards = createShards({
    endpoints: databasesOf(state),
    secrets: { user: DATABASE_USER, password: secrets.databasePassword },
    connections: CONNECTIONS,
    clock: systemClock,
  });
  const arbiter = createArbiter({
    region,
    awsRegion: aws.regions[region],
    endpoint: aws.endpoint,
    tablePrefix: TABLE_PREFIX,
    clock: systemClock,
    log: SILENT,
  });
  const writers = async () => {
    const units = new Map((await arbiter.decisions.units()).map(({ unit, writer }) => [unit, writer]));
    return (unit: string): Region => units.get(unit) ?? region;
  };
  return {
    parts: { ranges: shards.ranges, domain, region, writers, clock: systemClock },
    provision: () => domain.provision(),
    async close() {
      await Promise.all([shards.close(), domain.close()]);
      arbiter.close();
    },
  };
}

/** @throws UsageError if the directory is not that of a local system */
export async function readSecrets(directory: string): Promise<z.infer<typeof secretsSchema>> {
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
