import * as z from 'zod';
import { FUNCTIONS, isClusterCount, MOST_CLUSTERS_PER_UNIT } from '../../topology';
import { isCidr, isVpcCidr, overlap } from './cidr';
import { areOfOneSet, CONSISTENCY_SETS, zonesIn } from './regions';

const count = (least: number, most: number) => z.int().min(least).max(most);
const byRegion = <T extends z.ZodType>(value: T) => z.strictObject({ A: value, B: value });

const regions = z
  .strictObject({ A: z.string(), B: z.string(), witness: z.string() })
  .refine(({ A, B, witness }) => new Set([A, B, witness]).size === 3, 'A, B and the witness must be three regions')
  .refine(
    ({ A, B, witness }) => areOfOneSet([A, B, witness]),
    `all three must be of one set that DynamoDB keeps strongly consistent: ${CONSISTENCY_SETS.map((set) => set.join(', ')).join('; or ')}`,
  );

const network = z
  .strictObject({
    /** Address block of each region's VPC. They are peered, so they must not overlap. */
    cidrs: byRegion(z.string().refine(isVpcCidr, 'must be a block of /16 to /20, such as 10.40.0.0/16')),
    /** Letters of the availability zones, in both regions. */
    zones: z
      .array(z.string().regex(/^[a-f]$/, 'must be the letter of a zone, a to f'))
      .min(2, 'two zones at least: a database takes no fewer')
      .max(3)
      .refine((zones) => new Set(zones).size === zones.length, 'a zone is named twice'),
  })
  .refine(({ cidrs }) => !overlap(cidrs.A, cidrs.B), { message: 'the blocks of A and B overlap', path: ['cidrs'] });

const serverless = z
  .strictObject({
    kind: z.literal('serverless'),
    /** Aurora capacity units, of 2 GiB each. */
    minAcu: z.number().min(0.5).max(256).multipleOf(0.5),
    maxAcu: z.number().min(1).max(256).multipleOf(0.5),
  })
  .refine(({ minAcu, maxAcu }) => minAcu <= maxAcu, { message: 'must be at least minAcu', path: ['maxAcu'] });

const provisioned = z.strictObject({
  kind: z.literal('provisioned'),
  /** Without `db.`, such as `r7g.2xlarge`. */
  type: z
    .string()
    .regex(
      /^[rx][0-9][a-z0-9]*\.[a-z0-9]+$/,
      'must be an instance type such as r7g.2xlarge: global databases take those with much memory',
    ),
});

const databases = z.strictObject({
  /** Aurora global clusters of each unit. Not to be changed once members are in them: it moves every placement. */
  clustersPerUnit: z
    .int()
    .refine(isClusterCount, `must be a power of two up to ${MOST_CLUSTERS_PER_UNIT}: the shard map has equal ranges`),
  instance: z.discriminatedUnion('kind', [serverless, provisioned]),
  /** Instances of each cluster in the region that writes it, the writer included. */
  instancesAtHome: count(1, 15),
  /** Instances of each cluster in the other region. */
  instancesAway: count(1, 15),
  /** How long Aurora is given to bring a lost writer back in its region, before its unit moves to the other one. */
  writerPatienceS: count(0, 900),
  /** How far behind the copy in the other region may be for a unit whose writer is lost to move there by itself. */
  promotableLagS: count(10, 86_400),
  storage: z.enum(['standard', 'io-optimized']),
  proxy: z.boolean(),
  backupRetentionDays: count(1, 35),
});

const MOST_CACHE_NODES = 500;

const cache = z
  .strictObject({
    /** With `cache.`, such as `cache.t4g.micro`. */
    nodeType: z.string().regex(/^cache\.[a-z0-9]+\.[a-z0-9]+$/, 'must be a node type such as cache.t4g.micro'),
    shards: count(1, 90),
    /** Copies of each shard in its own region. With none, losing a node empties its shard. */
    replicasPerShard: count(0, 5),
  })
  .refine(({ shards, replicasPerShard }) => shards * (1 + replicasPerShard) <= MOST_CACHE_NODES, {
    message: `shards and their copies must be at most ${MOST_CACHE_NODES} nodes`,
    path: ['shards'],
  });

const searchType = z
  .string()
  .regex(/^[a-z0-9]+\.[a-z0-9]+\.search$/, 'must be a type such as t3.small.search')
  .refine((type) => !type.startsWith('t2.'), 'must be a type that encrypts what it stores, as t2 does not');

const domain = z.strictObject({
  type: searchType,
  nodes: count(1, 80),
  storageGbPerNode: count(10, 24_576),
  /** Three nodes that hold no data; without them the data nodes elect a master among themselves. */
  masterType: searchType.optional(),
});

const functions = z.strictObject({
  memoryMb: z.strictObject({ api: count(128, 10_240), queue: count(128, 10_240), other: count(128, 10_240) }),
  /** Invocations at a time of each class, in each region, that nobody else can take. */
  reservedConcurrency: z.strictObject({
    order: count(1, 100_000),
    marketing: count(1, 100_000),
    other: count(1, 100_000),
  }),
  /** The account's limit for concurrent invocations, in each region. Synthesis checks that the reserved ones fit. */
  accountConcurrency: count(100, 1_000_000),
  /** Environments of class order that are kept warm in each region; 0 for none. */
  warmOrder: count(0, 10_000),
  canary: z.enum(['10-percent-5-minutes', '10-percent-30-minutes', 'linear-10-percent-every-minute', 'all-at-once']),
  logRetentionDays: z.literal([7, 14, 30, 90, 365]),
});

const dns = z.strictObject({
  /** Classes are served at `<class>.<domainName>`, each region's own at `<class>-a.` and `<class>-b.<domainName>`. */
  domainName: z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'must be a domain name in lower case'),
  zoneName: z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'must be a domain name in lower case'),
  zoneId: z.string().regex(/^Z[A-Z0-9]{5,31}$/, 'must be the id of a hosted zone, such as Z0123456789ABC'),
  /** `latency` answers from the nearer region, `failover` from A as long as it is well. */
  routing: z.enum(['latency', 'failover']),
});

const api = z.strictObject({
  /** Requests of one address in five minutes, at each class in each region, before it is blocked. */
  ratePerAddress: count(10, 2_000_000_000),
  /** Addresses that are refused at once, as blocks. */
  deniedCidrs: z.array(z.string().refine(isCidr, 'must be a block such as 192.0.2.0/24')),
  throttle: z.strictObject({ ratePerS: count(1, 100_000), burst: count(1, 100_000) }),
  /** Without it each region answers at the address that API Gateway gives. */
  dns: dns
    .refine(({ domainName, zoneName }) => domainName === zoneName || domainName.endsWith(`.${zoneName}`), {
      message: 'must be the zone or lie in it',
      path: ['domainName'],
    })
    .optional(),
});

const certificateArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[a-z0-9-]+$/, 'must be the ARN of a certificate of ACM');

/**
 * How callers of the company come in whose networks reach the VPCs: by a load balancer inside, which costs a small part of
 * what the REST APIs cost at a steady high rate. The REST APIs are there in any case.
 */
const internalEntry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('alb'),
    /** Of the name by which each region is called: nothing is served without TLS. */
    certificateArns: byRegion(certificateArn),
    /** From where callers come, as blocks, beside the region's own VPC. */
    cidrs: z.array(z.string().refine(isCidr, 'must be a block such as 10.60.0.0/16')),
    /** How long it is kept who called what, paths, queries and addresses included; 0 keeps nothing. */
    accessLogDays: count(0, 365),
  }),
]);

const alarms = z.strictObject({
  /** Told of every alarm; whoever has it confirms the subscription of each region. */
  email: z.email().optional(),
});

const backup = z.strictObject({ retentionDays: count(1, 36_500), copyToOtherRegion: z.boolean() });

/** What the sizes are judged by in `npm run plan`. */
const load = z.strictObject({
  members: count(1, 100_000_000_000),
  /** Requests a second, over both regions and all classes, at the peak. */
  peakTps: count(1, 10_000_000),
  /** Mean over the month, as a part of the peak. */
  averageLoad: z.number().gt(0).max(1),
  /** Part of the requests that write. */
  writes: z.number().min(0).max(1),
  /** Part of the requests that come by the internal entry, where there is one. */
  internal: z.number().min(0).max(1),
});

export const CONCURRENCY_THAT_STAYS = 100;

/** Invocations that the functions of one region keep for themselves. */
export function reservedBy({
  functions: { reservedConcurrency },
}: {
  readonly functions: z.infer<typeof functions>;
}): number {
  const ofClasses = Object.values(reservedConcurrency).reduce((sum, one) => sum + one, 0);
  const others = FUNCTIONS.filter(({ trigger }) => trigger.kind !== 'api');
  return ofClasses + others.reduce((sum, one) => sum + one.reservedConcurrency, 0);
}

export const stageSchema = z
  .strictObject({
    /** Part of every name, so that stages can share an account. */
    name: z
      .string('must be said: under the name of the stage that it changes, a file would be deployed over that stage')
      .regex(
        /^[a-z][a-z0-9]{1,8}$/,
        'must be 2 to 9 of a-z and 0-9, a letter first: AWS takes no longer names of search domains',
      ),
    regions,
    /**
     * Whether this stage keeps what an account has once, or once in each region: API Gateway's right to write logs, and
     * the role by which OpenSearch enters a VPC. True for one stage of an account.
     */
    keepsAccountSettings: z.boolean(),
    network,
    databases,
    cache,
    search: z.strictObject({ order: domain, standby: domain, marketing: domain }),
    functions,
    api,
    internalEntry,
    alarms,
    backup,
    load,
  })
  .superRefine(({ search, network }, context) => {
    for (const [name, { nodes }] of Object.entries(search)) {
      if (nodes === 1 || nodes % network.zones.length === 0) continue;
      const message = `must be 1, or a multiple of the ${network.zones.length} zones`;
      context.addIssue({ code: 'custom', path: ['search', name, 'nodes'], message });
    }
  })
  .superRefine(({ network: { zones }, regions: { A, B } }, context) => {
    for (const region of [A, B]) {
      const missing = zones.filter((letter) => !zonesIn(region, zones).includes(letter));
      if (missing.length === 0) continue;
      const message = `${region} has no zone ${missing.join(', ')}`;
      context.addIssue({ code: 'custom', path: ['network', 'zones'], message });
    }
  })
  .superRefine(({ internalEntry: entry, regions: names }, context) => {
    if (entry.kind === 'none') return;
    for (const home of ['A', 'B'] as const) {
      if (entry.certificateArns[home].split(':')[3] === names[home]) continue;
      const message = `must be of ${names[home]}, where the load balancer stands`;
      context.addIssue({ code: 'custom', path: ['internalEntry', 'certificateArns', home], message });
    }
  })
  .refine(({ functions: { warmOrder, reservedConcurrency } }) => warmOrder <= reservedConcurrency.order, {
    message: 'must be at most what is reserved for class order',
    path: ['functions', 'warmOrder'],
  })
  .superRefine((stage, context) => {
    const needed = reservedBy(stage) + CONCURRENCY_THAT_STAYS;
    if (needed <= stage.functions.accountConcurrency) return;
    const message = `must be at least ${needed}: what functions reserve, those of consumers and schedules among them, and the ${CONCURRENCY_THAT_STAYS} that AWS keeps unreserved`;
    context.addIssue({ code: 'custom', path: ['functions', 'accountConcurrency'], message });
  });

/** One deployment of the system: what it is called, where it stands, and how large its parts are. */
export type StageConfiguration = z.infer<typeof stageSchema>;
export type DomainConfiguration = z.infer<typeof domain>;
export type LoadBalancerConfiguration = Extract<StageConfiguration['internalEntry'], { readonly kind: 'alb' }>;
