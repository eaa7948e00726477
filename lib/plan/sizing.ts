import { TRAFFIC_CLASSES } from '../../topology';
import {
  CONCURRENCY_THAT_STAYS,
  type DomainConfiguration,
  reservedBy,
  type StageConfiguration,
} from '../configuration';
import { clustersOf } from '../constructs/names';
import { ASSUMED, CACHE_GIB, CONNECTIONS, GB, SERVERLESS_CONNECTIONS, VCPUS, VCPUS_PER_ACU } from './assumptions';
import { internalPart } from './costs';

/** What the load needs of one thing, and what the stage gives it. */
export interface Sizing {
  readonly what: string;
  readonly needed: number;
  /** Undefined where nobody has written down what the chosen type offers. */
  readonly given: number | 'unlimited' | undefined;
  readonly unit: string;
  readonly verdict: 'enough' | 'too little' | 'unknown';
  readonly reckoning: string;
}

type Reckoned = Omit<Sizing, 'verdict'>;

const GIB = 2 ** 30;

export function sizesOf(stage: StageConfiguration): readonly Sizing[] {
  return [
    ...Object.entries(stage.search).map(([name, domain]) => searchStorage(stage, name, domain)),
    cacheMemory(stage),
    databaseStorage(stage),
    databaseWrites(stage),
    databaseConnections(stage),
    ...TRAFFIC_CLASSES.map((trafficClass) => concurrency(stage, trafficClass)),
    accountConcurrency(stage),
    gatewayRate(stage),
  ].map((one) => ({ ...one, verdict: verdictOn(one) }));
}

function verdictOn({ needed, given }: Reckoned): Sizing['verdict'] {
  if (given === undefined) return 'unknown';
  return given === 'unlimited' || given >= needed ? 'enough' : 'too little';
}

/** Primary shards of each index of members, so that none outgrows what is quickly moved. */
export function searchShards({ load }: StageConfiguration): number {
  return Math.max(1, Math.ceil((load.members * ASSUMED.searchBytesPerMember) / GB / ASSUMED.searchGbPerShard));
}

function searchStorage({ load }: StageConfiguration, name: string, domain: DomainConfiguration): Reckoned {
  const { searchBytesPerMember, searchCopies, searchOverhead } = ASSUMED;
  return {
    what: `storage of search domain ${name}`,
    needed: (load.members * searchBytesPerMember * searchCopies * searchOverhead) / GB,
    given: domain.nodes * domain.storageGbPerNode,
    unit: 'GB',
    reckoning: `${searchBytesPerMember} bytes a member, ${searchCopies} copies, x ${searchOverhead}`,
  };
}

function cacheMemory({ load, cache }: StageConfiguration): Reckoned {
  const { hotMembers, cacheBytesPerMember, cacheReserve } = ASSUMED;
  const perNode = CACHE_GIB[cache.nodeType];
  return {
    what: 'memory of the cache, in each region',
    needed: (load.members * hotMembers * cacheBytesPerMember) / GB,
    given: perNode === undefined ? undefined : (perNode * GIB * cache.shards * (1 - cacheReserve)) / GB,
    unit: 'GB',
    reckoning: `${hotMembers * 100} % of the members, ${cacheBytesPerMember} bytes each; ${cacheReserve * 100} % of a node stays free`,
  };
}

/** Aurora's own limit for one cluster. */
const CLUSTER_LIMIT_GB = 128_000;

function databaseStorage(stage: StageConfiguration): Reckoned {
  const clusters = clustersOf(stage).length;
  return {
    what: 'storage of each database cluster',
    needed: (stage.load.members * ASSUMED.databaseBytesPerMember) / clusters / GB,
    given: CLUSTER_LIMIT_GB,
    unit: 'GB',
    reckoning: `${ASSUMED.databaseBytesPerMember} bytes a member over ${clusters} clusters; it grows by itself`,
  };
}

function sizeOf(type: string): string {
  return type.split('.').at(-1) ?? '';
}

function databaseWrites(stage: StageConfiguration): Reckoned {
  const { instance } = stage.databases;
  const clusters = clustersOf(stage).length;
  const vcpus = instance.kind === 'serverless' ? instance.maxAcu * VCPUS_PER_ACU : VCPUS[sizeOf(instance.type)];
  return {
    what: 'writes of each database cluster',
    needed: (stage.load.peakTps * stage.load.writes) / clusters,
    given: vcpus === undefined ? undefined : vcpus * ASSUMED.writesPerVcpu,
    unit: 'a second',
    reckoning: `${stage.load.writes * 100} % of ${stage.load.peakTps} requests over ${clusters} clusters; ${ASSUMED.writesPerVcpu} for each vCPU of the writer`,
  };
}

/** Each environment serves one request at a time, so it holds one connection to each server that it has met. */
function databaseConnections({ databases, functions }: StageConfiguration): Reckoned {
  const { instance, proxy } = databases;
  const allowed = instance.kind === 'serverless' ? SERVERLESS_CONNECTIONS : CONNECTIONS[sizeOf(instance.type)];
  const environments = Object.values(functions.reservedConcurrency).reduce((sum, one) => sum + one, 0);
  return {
    what: 'connections to each database server',
    needed: environments,
    given: proxy ? 'unlimited' : allowed,
    unit: 'at once',
    reckoning: proxy ? 'shared by the proxy' : 'one for each environment of the API in the region',
  };
}

/** As if the other region were lost: one serves everything. */
function concurrency({ load, functions }: StageConfiguration, trafficClass: keyof typeof ASSUMED.shares): Reckoned {
  const share = ASSUMED.shares[trafficClass];
  return {
    what: `concurrency of class ${trafficClass}, with one region lost`,
    needed: (load.peakTps * share * ASSUMED.requestMs) / 1000,
    given: functions.reservedConcurrency[trafficClass],
    unit: 'invocations',
    reckoning: `${share * 100} % of ${load.peakTps} requests a second, ${ASSUMED.requestMs} ms each`,
  };
}

function accountConcurrency(stage: StageConfiguration): Reckoned {
  const reserved = reservedBy(stage);
  return {
    what: 'concurrency of the account, in each region',
    needed: reserved + CONCURRENCY_THAT_STAYS,
    given: stage.functions.accountConcurrency,
    unit: 'invocations',
    reckoning: `${reserved} reserved, and ${CONCURRENCY_THAT_STAYS} that AWS keeps unreserved`,
  };
}

function gatewayRate(stage: StageConfiguration): Reckoned {
  const { load, api } = stage;
  const requests = load.peakTps * (1 - internalPart(stage));
  return {
    what: 'rate that the API of class order lets in, with one region lost',
    needed: requests * ASSUMED.shares.order,
    given: api.throttle.ratePerS,
    unit: 'a second',
    reckoning: `${ASSUMED.shares.order * 100} % of ${requests} requests a second`,
  };
}
