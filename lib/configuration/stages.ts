import type { StageConfiguration } from './schema';

/** The cheapest that is the whole system: both regions, every store, nothing doubled inside a region. */
const small: StageConfiguration = {
  name: 'small',
  regions: { A: 'us-east-1', B: 'us-east-2', witness: 'us-west-2' },
  keepsAccountSettings: true,
  network: { cidrs: { A: '10.40.0.0/16', B: '10.41.0.0/16' }, zones: ['a', 'b'] },
  databases: {
    clustersPerUnit: 1,
    instance: { kind: 'serverless', minAcu: 0.5, maxAcu: 8 },
    instancesAtHome: 1,
    instancesAway: 1,
    // One instance is started anew in its place, which takes minutes.
    writerPatienceS: 300,
    promotableLagS: 60,
    storage: 'standard',
    proxy: false,
    backupRetentionDays: 7,
  },
  cache: { nodeType: 'cache.t4g.micro', shards: 1, replicasPerShard: 1 },
  search: {
    order: { type: 't3.small.search', nodes: 2, storageGbPerNode: 10 },
    standby: { type: 't3.small.search', nodes: 2, storageGbPerNode: 10 },
    marketing: { type: 't3.small.search', nodes: 2, storageGbPerNode: 10 },
  },
  functions: {
    memoryMb: { api: 1024, queue: 512, other: 256 },
    reservedConcurrency: { order: 256, marketing: 64, other: 128 },
    accountConcurrency: 1000,
    warmOrder: 0,
    canary: '10-percent-5-minutes',
    logRetentionDays: 30,
  },
  api: { ratePerAddress: 100_000, deniedCidrs: [], throttle: { ratePerS: 2000, burst: 1000 } },
  internalEntry: { kind: 'none' },
  alarms: {},
  backup: { retentionDays: 35, copyToOtherRegion: false },
  load: { members: 100_000, peakTps: 50, averageLoad: 0.2, writes: 0.1, internal: 0 },
};

const whole = {
  type: 'r7g.2xlarge.search',
  nodes: 18,
  storageGbPerNode: 300,
  masterType: 'm7g.large.search',
} as const;

/** One billion members and 30,000 requests a second. */
const large: StageConfiguration = {
  ...small,
  name: 'large',
  network: { cidrs: { A: '10.42.0.0/16', B: '10.43.0.0/16' }, zones: ['a', 'b', 'c'] },
  databases: {
    clustersPerUnit: 4,
    instance: { kind: 'provisioned', type: 'r7g.2xlarge' },
    instancesAtHome: 2,
    instancesAway: 2,
    writerPatienceS: 60,
    promotableLagS: 60,
    storage: 'io-optimized',
    proxy: true,
    backupRetentionDays: 35,
  },
  cache: { nodeType: 'cache.r7g.2xlarge', shards: 8, replicasPerShard: 1 },
  search: { order: whole, standby: whole, marketing: { ...whole, nodes: 12 } },
  functions: {
    memoryMb: { api: 1769, queue: 1769, other: 1024 },
    reservedConcurrency: { order: 3000, marketing: 1000, other: 1500 },
    accountConcurrency: 10_000,
    warmOrder: 300,
    canary: '10-percent-30-minutes',
    logRetentionDays: 90,
  },
  api: { ratePerAddress: 10_000_000, deniedCidrs: [], throttle: { ratePerS: 20_000, burst: 10_000 } },
  backup: { retentionDays: 90, copyToOtherRegion: true },
  load: { members: 1_000_000_000, peakTps: 30_000, averageLoad: 0.2, writes: 0.1, internal: 0.8 },
};

export const STAGES = { small, large } as const;
export type StageName = keyof typeof STAGES;
