import type { Endpoints, Secrets } from '../../lambdas/core';
import {
  AWS_REGIONS,
  DOMAIN_NAMES,
  FUNCTIONS,
  type FunctionDefinition,
  otherRegion,
  QUEUES,
  REGIONS,
  type Region,
  TOPIC,
  UNITS,
} from '../../topology';
import { functionBundle } from '../bundle';
import { OWED_QUEUE, type PortPlan, queueNames } from '../engines';
import { otherAwsPort, seenFrom } from '../faults';
import type { FrontConfig, FrontEntry, FrontRegion, FunctionProcessConfig, HostedFunction } from './process-config';
import type { LocalSecrets } from './secrets';
import { localUrl } from './state';

export interface PlanSettings {
  readonly stage: string;
  readonly tablePrefix: string;
  readonly accountId: string;
  readonly databaseUser: string;
  readonly ports: PortPlan;
  readonly secrets: LocalSecrets;
  readonly bundleDirectory: string;
}

/** What every process of functions and the front are told. */
export interface ProcessPlan {
  readonly front: FrontConfig;
  readonly functionProcesses: readonly FunctionProcessConfig[];
  /** Runs once, before the others, and ends. */
  readonly provision: FunctionProcessConfig;
}

type ProcessKind = FunctionProcessConfig['kind'];

export function topicArn(region: Region, accountId: string): string {
  return `arn:aws:sns:${AWS_REGIONS[region]}:${accountId}:${TOPIC}`;
}

function kindOf(definition: FunctionDefinition): ProcessKind {
  return definition.trigger.kind === 'api' ? 'api' : 'tasks';
}

function queueUrls(settings: PlanSettings): Record<string, string> {
  const names = REGIONS.flatMap((region) => queueNames(region).filter((name) => name !== OWED_QUEUE));
  const front = localUrl(settings.ports.aws);
  return Object.fromEntries(names.map((name) => [name, `${front}/${settings.accountId}/${name}`]));
}

function address(ports: Readonly<Record<string, number>>, name: string): { host: string; port: number } {
  const port = ports[name];
  if (port === undefined) throw new Error(`No port is planned for ${name}`);
  return { host: '127.0.0.1', port };
}

export function endpoints(settings: PlanSettings): Endpoints {
  const { ports, accountId } = settings;
  const clusters = UNITS.flatMap((unit) => unit.clusters);
  const cache = (region: Region) => ({ host: '127.0.0.1', port: ports.redis[region].port, tls: false });
  const domain = (name: string) => {
    const found = ports.opensearch[name];
    if (found === undefined) throw new Error(`No port is planned for ${name}`);
    return localUrl(found.port);
  };
  return {
    databases: Object.fromEntries(
      clusters.map((cluster) => [
        cluster,
        { A: address(ports.mariadb, `${cluster}-A`), B: address(ports.mariadb, `${cluster}-B`) },
      ]),
    ),
    caches: { A: cache('A'), B: cache('B') },
    domains: Object.fromEntries(DOMAIN_NAMES.map((name) => [name, domain(name)])) as Endpoints['domains'],
    aws: localUrl(ports.aws),
    topics: { A: topicArn('A', accountId), B: topicArn('B', accountId) },
    queues: queueUrls(settings),
    tablePrefix: settings.tablePrefix,
  };
}

function functionSecrets({ secrets, databaseUser }: PlanSettings): Secrets {
  return {
    database: { user: databaseUser, password: secrets.databasePassword },
    cursorKey: secrets.cursorKey,
    contactKey: secrets.contactKey,
  };
}

/** The environment that a function would have on Lambda. */
export function functionEnvironment(
  settings: PlanSettings,
  definition: FunctionDefinition,
  region: Region,
): Record<string, string> {
  return {
    TWINKEEP_STAGE: settings.stage,
    TWINKEEP_REGION: region,
    TWINKEEP_FUNCTION: definition.name,
    ...(definition.trigger.kind === 'api' ? { TWINKEEP_CLASS: definition.trigger.trafficClass } : {}),
    TWINKEEP_ENDPOINTS: JSON.stringify(endpoints(settingsIn(region, settings))),
    TWINKEEP_SECRETS: JSON.stringify(functionSecrets(settings)),
    AWS_REGION: AWS_REGIONS[region],
    AWS_ACCESS_KEY_ID: settings.secrets.accessKeyId,
    AWS_SECRET_ACCESS_KEY: settings.secrets.secretAccessKey,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
  };
}

/** The settings as a region sees them: in a system whose network can be cut, by its own links. */
function settingsIn(region: Region, settings: PlanSettings): PlanSettings {
  return { ...settings, ports: seenFrom(region, settings.ports) };
}

function processConfig(
  settings: PlanSettings,
  name: keyof PortPlan['invoke'],
  region: Region,
  kind: ProcessKind,
  definitions: readonly FunctionDefinition[],
): FunctionProcessConfig {
  const hosted = (definition: FunctionDefinition): HostedFunction => ({
    name: definition.name,
    bundle: functionBundle(settings.bundleDirectory, definition.handler),
    definition,
    environment: functionEnvironment(settings, definition, region),
  });
  const seen = settingsIn(region, settings);
  return {
    name,
    kind,
    region,
    ...(kind === 'api' ? { port: settings.ports.api[region] } : {}),
    invokePort: settings.ports.invoke[name],
    functions: definitions.map(hosted),
    awsEndpoint: localUrl(seen.ports.aws),
    awsRegion: AWS_REGIONS[region],
    queueUrls: queueUrls(seen),
  };
}

function inRegion(region: Region): FunctionDefinition[] {
  return FUNCTIONS.filter((definition) => definition.regions.includes(region));
}

function frontRegion(settings: PlanSettings, region: Region): FrontRegion {
  const ports = seenFrom(region, settings.ports);
  return {
    awsRegion: AWS_REGIONS[region],
    sqs: localUrl(ports.sqs[region]),
    ssm: localUrl(ports.ssm[region]),
    invoke: { api: localUrl(ports.invoke[`api-${region}`]), tasks: localUrl(ports.invoke[`tasks-${region}`]) },
    functions: Object.fromEntries(inRegion(region).map((definition) => [definition.name, kindOf(definition)])),
    topic: {
      arn: topicArn(region, settings.accountId),
      owedQueue: OWED_QUEUE,
      otherSqs: localUrl(ports.sqs[otherRegion(region)]),
      subscriptions: QUEUES.filter((queue) => queue.kind === 'events').map((queue) => ({
        queue: queue.name,
        region: queue.region,
      })),
    },
  };
}

function frontEntry(settings: PlanSettings, region: Region): FrontEntry {
  const seen = seenFrom(region, settings.ports);
  return {
    port: seen.aws,
    otherRegion: localUrl(otherAwsPort(region, settings.ports)),
    dynamodb: localUrl(seen.dynamodb),
  };
}

export function planProcesses(settings: PlanSettings): ProcessPlan {
  const deployment = FUNCTIONS.filter((definition) => definition.trigger.kind === 'deployment');
  const config = (region: Region, kind: ProcessKind) =>
    processConfig(
      settings,
      `${kind}-${region}`,
      region,
      kind,
      inRegion(region).filter((definition) => kindOf(definition) === kind),
    );
  return {
    front: {
      port: settings.ports.aws,
      regions: { A: frontRegion(settings, 'A'), B: frontRegion(settings, 'B') },
      dynamodb: localUrl(settings.ports.dynamodb),
      rds: localUrl(settings.ports.rds),
      accountId: settings.accountId,
      ...(settings.ports.links === undefined
        ? {}
        : { entries: { A: frontEntry(settings, 'A'), B: frontEntry(settings, 'B') } }),
    },
    functionProcesses: REGIONS.flatMap((region) => [config(region, 'api'), config(region, 'tasks')]),
    provision: processConfig(settings, 'provision', 'A', 'tasks', deployment),
  };
}
