import type { Reach, Readmission } from '../../lambdas/failover';
import { DOMAIN_NAMES, DOMAINS, type DomainName, otherRegion, type Region, UNITS } from '../../topology';

/** What is seen of a region that is to serve again. What could not be asked is undefined. */
export interface Seen {
  readonly region: Region;
  /** Whether the controller of the other region takes it for lost, and would turn its cache off once more. */
  readonly isTakenForLost: boolean;
  /** What its newest report reaches; undefined while no new one comes. */
  readonly reach: Reach | undefined;
  readonly clusters: readonly {
    readonly cluster: string;
    /** RDS says that it is the writer there, or follows it. */
    readonly isInStep: boolean | undefined;
    /** Age of the newest heartbeat that has reached it. */
    readonly heartbeatAgeMs: number | undefined;
  }[];
  /** What was kept of its former writers and nobody has read; by server. */
  readonly unreadKept: readonly string[] | undefined;
  /** Switches that its Parameter Store does not hold as they were accepted. */
  readonly differingSwitches: readonly string[] | undefined;
  readonly queues: readonly { readonly name: string; readonly waiting: number | undefined }[];
  /** Fences that its cache has still not taken. */
  readonly owedFences: number | undefined;
  readonly domains: readonly {
    readonly name: DomainName;
    readonly readmission: Readmission;
    /** Who paused its events; undefined while they are applied. */
    readonly pausedBy: string | undefined;
    /** Compared with the rows since the region was fenced, and nothing differed. */
    readonly isVerified: boolean;
  }[];
}

export const SUBJECTS = [
  'heartbeats',
  'stores',
  'databases',
  'kept',
  'switches',
  'events',
  'fences',
  'domains',
] as const;
export type Subject = (typeof SUBJECTS)[number];

/** What is missing before the region may serve, in one sentence for an operator. */
export interface Missing {
  readonly subject: Subject;
  readonly says: string;
}

/** A heartbeat is written every 3 s. */
export const MOST_HEARTBEAT_AGE_MS = 10_000;
/** A live queue is never empty for long: so few messages are no backlog. */
export const NO_BACKLOG = 50;

/** Why the region must not serve yet; nothing if it may. What is not known speaks against it. */
export function missingIn(seen: Seen): readonly Missing[] {
  const { region, reach } = seen;
  if (reach === undefined) return [{ subject: 'heartbeats', says: `no new heartbeat of region ${region} is heard` }];
  return [
    ...sentences('heartbeats', lossOf(seen)),
    ...sentences('stores', storesIn(region, reach)),
    ...sentences(
      'databases',
      seen.clusters.flatMap((one) => databaseIn(region, one)),
    ),
    ...sentences('kept', keptIn(seen)),
    ...sentences('switches', switchesIn(seen)),
    ...sentences('events', seen.queues.flatMap(queueIn)),
    ...sentences('fences', fencesIn(seen)),
    ...sentences('domains', seen.domains.flatMap(domainIn)),
  ];
}

function sentences(subject: Subject, says: readonly string[]): Missing[] {
  return says.map((one) => ({ subject, says: one }));
}

function lossOf({ region, isTakenForLost }: Seen): string[] {
  return isTakenForLost
    ? [`the controller of region ${otherRegion(region)} still takes region ${region} for lost`]
    : [];
}

/** Stores of the region, and what its functions need of the other one. */
function storesIn(region: Region, { caches, databases, domains }: Reach): string[] {
  const silent = [
    ...(caches[region] ? [] : ['its cache']),
    ...UNITS.flatMap(({ name }) =>
      [region, otherRegion(region)].flatMap((where) =>
        databases[name]?.[where] === true ? [] : [`the databases of ${name} in region ${where}`],
      ),
    ),
    ...DOMAIN_NAMES.filter((name) => DOMAINS[name].region === region && !domains[name]).map(
      (name) => `the search domain ${name}`,
    ),
  ];
  return silent.map((what) => `region ${region} does not reach ${what}`);
}

function databaseIn(region: Region, { cluster, isInStep, heartbeatAgeMs }: Seen['clusters'][number]): string[] {
  const name = `${cluster}-${region}`;
  if (isInStep !== true) return [`${name} is not in step with its writer`];
  if (heartbeatAgeMs === undefined) return [`${name} does not say how old it is`];
  if (heartbeatAgeMs <= MOST_HEARTBEAT_AGE_MS) return [];
  return [`${name} is ${Math.round(heartbeatAgeMs / 1000)} s behind its writer`];
}

function keptIn({ region, unreadKept: servers }: Seen): string[] {
  if (servers === undefined) return [`RDS does not tell what was kept in region ${region}`];
  return servers.map(
    (server) =>
      `what only ${server} had committed is kept, and not read: npm run local -- restore ${server}, then ` +
      `npx twinkeep reconcile kept ${server}`,
  );
}

function switchesIn({ region, differingSwitches: names }: Seen): string[] {
  if (names === undefined) return [`the Parameter Store of region ${region} does not answer`];
  if (names.length === 0) return [];
  return [`the Parameter Store of region ${region} does not hold what was accepted of ${names.join(', ')}`];
}

function queueIn({ name, waiting }: Seen['queues'][number]): string[] {
  if (waiting === undefined) return [`the queue ${name} does not answer`];
  return waiting <= NO_BACKLOG ? [] : [`${waiting} events wait in ${name}`];
}

function fencesIn({ region, owedFences: owed }: Seen): string[] {
  if (owed === undefined) return [`nobody can tell what the cache of region ${region} is owed`];
  return owed === 0 ? [] : [`the cache of region ${region} is owed ${owed} fences`];
}

/**
 * Whether a domain has been compared since its region was fenced, and has missed nothing since. Only what its way back has
 * noted counts: its events may have been turned on by anybody, without a comparison.
 *
 * @param steps of the book of switches, in which the region was fenced and the domain's events were turned last
 */
export function wasComparedSince(
  { step, openedInStep }: Readmission,
  { fenced, turned }: { fenced: number; turned: number },
): boolean {
  return step === 'in' && openedInStep !== undefined && openedInStep >= Math.max(fenced, turned);
}

function domainIn({ name, readmission, pausedBy, isVerified }: Seen['domains'][number]): string[] {
  const { step, because, pass } = readmission;
  if (step === 'out') return [`the search domain ${name} is out${because === undefined ? '' : `: ${because}`}`];
  if (step !== 'in') {
    const compared = pass === undefined ? '' : `, comparison ${pass.number}, ${pass.tally.compared} members`;
    return [`the search domain ${name} is on its way back: ${step}${compared}`];
  }
  if (pausedBy !== undefined) return [`events of the search domain ${name} were paused by ${pausedBy}`];
  return isVerified ? [] : [`the search domain ${name} has not been compared with the rows`];
}
