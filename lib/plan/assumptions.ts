/**
 * What sizes and costs are reckoned with. Each is a round number that somebody may know better: measure your own, and
 * change it here.
 */
export const ASSUMED = {
  /** Of one member in a search domain, both indices, without copies. */
  searchBytesPerMember: 1100,
  /** A primary shard is moved and recovered in minutes up to this size. */
  searchGbPerShard: 30,
  /** Storage for each byte of a copy: what the engine, the file system and merging keep free. */
  searchOverhead: 1.45,
  /** Each shard and one copy of it. */
  searchCopies: 2,
  /** Of the members that are asked for within the life of a cached value. */
  hotMembers: 0.2,
  /** Of one cached member with its look-ups, keys and the engine's overhead included. */
  cacheBytesPerMember: 1170,
  /** Part of a cache node's memory that stays free. */
  cacheReserve: 0.25,
  /** Of one member in a database: row, index, operations and outbox. */
  databaseBytesPerMember: 2500,
  /** Commits a second that one virtual processor of a writer carries, at a third of its capacity. */
  writesPerVcpu: 150,
  /** How long an environment is taken by one request, on average. */
  requestMs: 20,
  /** Part of the requests of each class. */
  shares: { order: 0.6, marketing: 0.15, other: 0.25 },
  /** Of one request, and of one answer or event. */
  requestBytes: 600,
  answerBytes: 1500,
  /** An access log's line, and a part of the lines of metrics: some 360 bytes for each combination in a second. */
  logBytesPerRequest: 400,
  /** Units of the arbiter for each request: most reads find what they need in a cache. */
  arbiterReadsPerRequest: 0.02,
  arbiterWritesPerWrite: 1,
  /** Items of the arbiter for each member: its accounts, and its idempotency key. */
  arbiterBytesPerMember: 600,
  /** Invocations of consumers for each write, at five queues and ten messages each. */
  consumersPerWrite: 0.5,
  /** Of serverless databases, as a part of the way from their least to their most capacity. */
  acuUse: 0.05,
} as const;

export const HOURS_PER_MONTH = 730;
export const SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600;
export const GB = 1e9;

/** Memory in GiB, and virtual processors, of what the named stages use and its neighbours. */
export const CACHE_GIB: Readonly<Record<string, number>> = {
  'cache.t4g.micro': 0.5,
  'cache.t4g.small': 1.37,
  'cache.r7g.large': 13.07,
  'cache.r7g.xlarge': 26.32,
  'cache.r7g.2xlarge': 52.82,
};
export const VCPUS: Readonly<Record<string, number>> = {
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
};
/** Connections that Aurora MySQL allows by default. */
export const CONNECTIONS: Readonly<Record<string, number>> = {
  large: 1000,
  xlarge: 2000,
  '2xlarge': 3000,
  '4xlarge': 4000,
  '8xlarge': 5000,
};
/** Of a serverless cluster whose least capacity is half a unit or one. */
export const SERVERLESS_CONNECTIONS = 2000;
/** An Aurora capacity unit has some two gibibytes, and about a quarter of a virtual processor. */
export const VCPUS_PER_ACU = 0.25;
