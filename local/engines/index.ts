import { join } from 'node:path';
import { DOMAIN_NAMES, DOMAINS, otherRegion, REGIONS, UNITS } from '../../topology';
import type { AwsIdentity } from './aws-identity';
import type { EngineDefinition } from './definition';
import { dynamodbEngine } from './dynamodb';
import { elasticmqEngine } from './elasticmq';
import type { Tools } from './install';
import { type MariadbAccounts, type MariadbServer, mariadbEngine, type ServerKeeper } from './mariadb';
import { motoEngine } from './moto';
import { opensearchEngine } from './opensearch';
import type { PortPlan } from './ports';
import { redisEngine } from './redis';

export type { AwsIdentity } from './aws-identity';
export type { EngineDefinition, EngineKind, Launch } from './definition';
export { elasticmqEngine, OWED_QUEUE, queueNames } from './elasticmq';
export * from './install';
export { databaseDirectory, keptMariadbEngine, type MariadbAccounts, type ServerKeeper } from './mariadb';
export { opensearchEngine } from './opensearch';
export { type PortPlan, planPorts } from './ports';

export interface EngineSettings {
  readonly ports: PortPlan;
  /** Directory below which each engine keeps its data. */
  readonly dataDirectory: string;
  readonly stage: string;
  readonly tablePrefix: string;
  readonly accountId: string;
  readonly identity: AwsIdentity;
  readonly mariadb: MariadbAccounts;
  /** Tells each database server what it is to be now. */
  readonly keeperOf: (server: string) => ServerKeeper;
}

/** The servers of every cluster; that of its unit's home is the writer until another is made the writer. */
export function mariadbServers(settings: Pick<EngineSettings, 'ports' | 'dataDirectory'>): MariadbServer[] {
  const placed = UNITS.flatMap((unit) =>
    unit.clusters.flatMap((cluster) => [unit.home, otherRegion(unit.home)].map((region) => ({ cluster, region }))),
  );
  const portOf = (name: string): number => {
    const port = settings.ports.mariadb[name];
    if (port === undefined) throw new Error(`No port is planned for ${name}`);
    return port;
  };
  return placed.map(({ cluster, region }, index) => {
    const name = `${cluster}-${region}`;
    return {
      name,
      region,
      port: portOf(name),
      serverId: index + 1,
      dataDirectory: join(settings.dataDirectory, name),
    };
  });
}

/** Every engine of the local system. */
export function engineDefinitions(settings: EngineSettings, tools: Tools): EngineDefinition[] {
  const { ports } = settings;
  const data = (name: string) => join(settings.dataDirectory, name);
  const account = { accountId: settings.accountId, identity: settings.identity };
  const searchPorts = (name: string) => {
    const found = ports.opensearch[name];
    if (found === undefined) throw new Error(`No port is planned for ${name}`);
    return found;
  };
  return [
    ...DOMAIN_NAMES.map((domain) =>
      opensearchEngine(
        { domain, region: DOMAINS[domain].region, dataDirectory: data(domain), ...searchPorts(domain) },
        tools,
      ),
    ),
    ...mariadbServers(settings).map((server) =>
      mariadbEngine(server, settings.mariadb, tools, settings.keeperOf(server.name)),
    ),
    ...REGIONS.map((region) =>
      redisEngine({ region, dataDirectory: data(`redis-${region}`), ...ports.redis[region] }, tools),
    ),
    ...REGIONS.map((region) =>
      elasticmqEngine(
        { region, port: ports.sqs[region], frontPort: ports.aws, dataDirectory: data(`sqs-${region}`), ...account },
        tools,
      ),
    ),
    ...REGIONS.map((region) =>
      motoEngine(
        { region, port: ports.ssm[region], stage: settings.stage, dataDirectory: data(`ssm-${region}`), ...account },
        tools,
      ),
    ),
    dynamodbEngine(
      { port: ports.dynamodb, tablePrefix: settings.tablePrefix, dataDirectory: data('arbiter'), ...account },
      tools,
    ),
  ];
}
