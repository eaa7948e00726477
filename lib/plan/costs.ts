import { publishedMetrics, REGIONS, TRAFFIC_CLASSES } from '../../topology';
import type { StageConfiguration } from '../configuration';
import { clustersOf } from '../constructs/names';
import { INTERFACES } from '../network-stack';
import { ASSUMED, GB, HOURS_PER_MONTH, SECONDS_PER_MONTH, VCPUS } from './assumptions';
import { ALARM_METRICS, type CreatedCounts } from './created';
import { type Prices, usdOf } from './prices';

/** What is paid for, whatever it costs. */
interface Charge {
  readonly part: string;
  readonly what: string;
  readonly quantity: number;
  /** By its name in `prices.json`. */
  readonly price: string;
  /** In how many equal parts it is charged, each with tiers of its own: 1 where nothing is said. */
  readonly shares?: number;
}

export interface Cost extends Charge {
  readonly unit: string;
  /** A month; undefined where no price is written down. */
  readonly usd: number | undefined;
  readonly source: string;
}

const MILLION = 1e6;
/** What a proxy is charged for at the least. */
const LEAST_PROXY_ACU = 8;
const RULES_PER_ACL = 4;

/** Heartbeats run for 190 s and start every 60; relay, sweep and the comparisons of switches and of copies run for 55. */
const STEADY_ENVIRONMENTS = (190 + 55 + 55 + 55 + 55) / 60;

/** What a month costs in both regions, at the load that the stage names. */
export function costsOf(stage: StageConfiguration, created: CreatedCounts, prices: Prices): readonly Cost[] {
  const charges = [
    ...databaseCosts(stage),
    ...cacheCosts(stage),
    ...searchCosts(stage),
    ...networkCosts(stage),
    ...requestCosts(stage),
    ...entryCosts(stage),
    ...eventCosts(stage),
    ...arbiterCosts(stage),
    ...standingCosts(stage, created),
  ];
  return charges.map((charge) => priced(charge, prices));
}

/** Prices of the user's by which nothing is charged: of another stage's types, or misspelled. */
export function unusedPrices({ own }: Prices, costs: readonly Charge[]): readonly string[] {
  const used = new Set(costs.map(({ price }) => price));
  return own?.names.filter((name) => !used.has(name)) ?? [];
}

function priced(charge: Charge, { byName }: Prices): Cost {
  const { price, quantity, shares = 1 } = charge;
  const found = byName[price];
  if (found === undefined)
    return { ...charge, unit: '', usd: undefined, source: `nobody has said what ${price} costs` };
  return { ...charge, unit: found.per, usd: shares * usdOf(found, quantity / shares), source: found.source };
}

function cost(part: string, what: string, quantity: number, price: string): Charge {
  return { part, what, quantity, price };
}

function requestsPerMonth({ load }: StageConfiguration): number {
  return load.peakTps * load.averageLoad * SECONDS_PER_MONTH;
}

/** Part of the requests that come by the internal entry. */
export function internalPart({ internalEntry, load }: StageConfiguration): number {
  return internalEntry.kind === 'none' ? 0 : load.internal;
}

function databaseCosts(stage: StageConfiguration): Charge[] {
  const { instance, storage, instancesAtHome, instancesAway, proxy } = stage.databases;
  const part = 'databases';
  const clusters = clustersOf(stage).length;
  const hours = clusters * (instancesAtHome + instancesAway) * HOURS_PER_MONTH;
  const storedGb = ((stage.load.members * ASSUMED.databaseBytesPerMember) / GB) * REGIONS.length;
  const writes = (requestsPerMonth(stage) * stage.load.writes) / MILLION;
  const servers =
    instance.kind === 'serverless'
      ? cost(part, 'capacity', hours * meanAcu(instance), `aurora-acu-hour.${storage}`)
      : cost(part, `instances, ${instance.type}`, hours, `aurora-hour.${instance.type}.${storage}`);
  return [
    servers,
    cost(part, 'storage, in both regions', storedGb, `aurora-gb-month.${storage}`),
    // Reading and writing of pages: some ten for each write.
    ...(storage === 'standard' ? [cost(part, 'I/O', writes * 10, 'aurora-million-io')] : []),
    cost(part, 'replication to the other region', writes * 4, 'aurora-million-replicated'),
    ...(proxy ? [proxyCost(stage, clusters)] : []),
  ];
}

function meanAcu({ minAcu, maxAcu }: { readonly minAcu: number; readonly maxAcu: number }): number {
  return minAcu + (maxAcu - minAcu) * ASSUMED.acuUse;
}

function proxyCost({ databases }: StageConfiguration, clusters: number): Charge {
  const { instance, instancesAtHome, instancesAway } = databases;
  const part = 'databases';
  if (instance.kind === 'serverless') {
    const acuHours = clusters * REGIONS.length * Math.max(LEAST_PROXY_ACU, meanAcu(instance)) * HOURS_PER_MONTH;
    return cost(part, 'proxies', acuHours, 'proxy-acu-hour');
  }
  const vcpus = VCPUS[instance.type.split('.').at(-1) ?? ''] ?? 0;
  const vcpuHours = clusters * (instancesAtHome + instancesAway) * vcpus * HOURS_PER_MONTH;
  return cost(part, 'proxies', vcpuHours, 'proxy-vcpu-hour');
}

function cacheCosts({ cache }: StageConfiguration): Charge[] {
  const nodes = REGIONS.length * cache.shards * (1 + cache.replicasPerShard);
  return [cost('caches', `nodes, ${cache.nodeType}`, nodes * HOURS_PER_MONTH, `cache-hour.${cache.nodeType}`)];
}

const MASTERS = 3;

function searchCosts({ search }: StageConfiguration): Charge[] {
  return Object.entries(search).flatMap(([name, { type, nodes, storageGbPerNode, masterType }]) => [
    cost(`search domain ${name}`, `nodes, ${type}`, nodes * HOURS_PER_MONTH, `search-hour.${type}`),
    ...(masterType === undefined
      ? []
      : [
          cost(
            `search domain ${name}`,
            `masters, ${masterType}`,
            MASTERS * HOURS_PER_MONTH,
            `search-hour.${masterType}`,
          ),
        ]),
    cost(`search domain ${name}`, 'storage', nodes * storageGbPerNode, 'search-gb-month'),
  ]);
}

/** A forwarded write and its answer, its marks and fences, and its event, each about as large as an answer. */
const ANSWERS_ACROSS_FOR_EACH_WRITE = 4;

function networkCosts(stage: StageConfiguration): Charge[] {
  const zoneHours = Object.keys(INTERFACES).length * stage.network.zones.length * REGIONS.length * HOURS_PER_MONTH;
  const writes = requestsPerMonth(stage) * stage.load.writes;
  const acrossGb = (writes * ASSUMED.answerBytes * ANSWERS_ACROSS_FOR_EACH_WRITE) / GB;
  return [
    cost('network', 'endpoints', zoneHours, 'endpoint-zone-hour'),
    cost('network', 'between the regions', acrossGb, 'across-gb'),
  ];
}

function requestCosts(stage: StageConfiguration): Charge[] {
  const { functions, load } = stage;
  const part = 'requests';
  const requests = requestsPerMonth(stage);
  const invocations = requests * (1 + load.writes * ASSUMED.consumersPerWrite);
  const gbSeconds = (invocations * ASSUMED.requestMs * functions.memoryMb.api) / 1000 / 1024;
  const steadyGbSeconds = (REGIONS.length * STEADY_ENVIRONMENTS * functions.memoryMb.other * SECONDS_PER_MONTH) / 1024;
  const warmGbSeconds = (REGIONS.length * functions.warmOrder * functions.memoryMb.api * SECONDS_PER_MONTH) / 1024;
  const millions = (requests * (1 - internalPart(stage))) / MILLION;
  return [
    { ...cost(part, 'REST APIs', millions, 'rest-api-million'), shares: REGIONS.length },
    cost(part, 'invocations', invocations / MILLION, 'lambda-million'),
    cost(part, 'duration', gbSeconds, 'lambda-gb-s'),
    cost(part, 'duration of what runs all the time', steadyGbSeconds, 'lambda-gb-s'),
    ...(functions.warmOrder > 0 ? [cost(part, 'warm environments', warmGbSeconds, 'lambda-warm-gb-s')] : []),
    cost(part, 'WAF', millions, 'waf-million'),
    // As if all callers of the REST APIs stood outside AWS.
    cost(part, 'answers to the internet', (millions * MILLION * ASSUMED.answerBytes) / GB, 'out-gb'),
    cost(part, 'logs', (requests * ASSUMED.logBytesPerRequest) / GB, 'log-gb'),
  ];
}

/** What a unit of its capacity carries in an hour to functions; rules and new connections stay far below theirs. */
const GB_PER_LCU_HOUR = 0.4;

/** The part of its costs. */
export const ENTRY = 'internal entry';

function entryCosts(stage: StageConfiguration): Charge[] {
  if (stage.internalEntry.kind === 'none') return [];
  const bytes = requestsPerMonth(stage) * internalPart(stage) * (ASSUMED.requestBytes + ASSUMED.answerBytes);
  return [
    cost(ENTRY, 'load balancers', REGIONS.length * HOURS_PER_MONTH, 'alb-hour'),
    cost(ENTRY, 'their capacity', bytes / GB / GB_PER_LCU_HOUR, 'alb-lcu-hour'),
  ];
}

/** One publish, five deliveries, and a receive and a deletion for each ten messages of a queue. */
function eventCosts(stage: StageConfiguration): Charge[] {
  const writes = (requestsPerMonth(stage) * stage.load.writes) / MILLION;
  return [cost('events', 'topics', writes, 'sns-million'), cost('events', 'queues', writes * 5 * 0.2, 'sqs-million')];
}

/** Every write reaches both regions and the witness. */
function arbiterCosts(stage: StageConfiguration): Charge[] {
  const part = 'arbiter';
  const requests = requestsPerMonth(stage) / MILLION;
  const heartbeats = (REGIONS.length * 3 * SECONDS_PER_MONTH) / 3 / MILLION;
  const writes = (requests * stage.load.writes * ASSUMED.arbiterWritesPerWrite + heartbeats) * (REGIONS.length + 1);
  const reads = requests * ASSUMED.arbiterReadsPerRequest + heartbeats * 4;
  const storedGb = ((stage.load.members * ASSUMED.arbiterBytesPerMember) / GB) * (REGIONS.length + 1);
  return [
    cost(part, 'writes', writes, 'dynamodb-million-writes'),
    cost(part, 'reads', reads, 'dynamodb-million-reads'),
    cost(part, 'storage', storedGb, 'dynamodb-gb-month'),
  ];
}

function standingCosts(stage: StageConfiguration, created: CreatedCounts): Charge[] {
  const part = 'standing';
  const acls = TRAFFIC_CLASSES.length * REGIONS.length;
  const backedUpGb = (stage.load.members * ASSUMED.databaseBytesPerMember) / GB;
  const copies = stage.backup.copyToOtherRegion ? 2 : 1;
  return [
    cost(part, 'web ACLs', acls, 'waf-acl-month'),
    cost(part, 'rules of web ACLs', acls * RULES_PER_ACL, 'waf-rule-month'),
    cost(part, 'keys', created('AWS::KMS::Key'), 'key-month'),
    cost(part, 'secrets, in both regions', created('AWS::SecretsManager::Secret') * REGIONS.length, 'secret-month'),
    cost(part, 'alarms, by the metrics that they look at', created(ALARM_METRICS), 'alarm-month'),
    cost(part, 'alarms of alarms', created('AWS::CloudWatch::CompositeAlarm'), 'composite-alarm-month'),
    cost(part, 'metrics of ours', publishedMetrics() * REGIONS.length, 'metric-month'),
    cost(part, 'dashboards', created('AWS::CloudWatch::Dashboard'), 'dashboard-month'),
    cost(part, 'health checks', created('AWS::Route53::HealthCheck'), 'health-check-month'),
    // As if a third of it changed within the time that backups are kept.
    cost(part, 'backups', backedUpGb * 1.33 * copies, 'backup-gb-month'),
  ];
}
