const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem'];
const WRITE = [...READ, 'dynamodb:UpdateItem'];
/** Commands of a fallback leave it once they have been replayed. */
const JOURNAL = ['dynamodb:Query', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];

/**
 * Paths of a domain by method; searches are sent by POST, as writes are, so the path tells them apart. What is asked of both
 * indices at once is open, because it lists them.
 */
type SearchRights = Partial<Record<'Get' | 'Post' | 'Put', readonly string[]>>;
const DOCUMENT = 'members/_doc/*';
const HEALTH = '_cluster/health/*';
const SEARCHES = ['members/_search', 'lookups/_search'];
/** What makes the indices, or gives them what they lack, asks and does. */
const MAPPINGS = '*/_mapping';
const LOOKS = [MAPPINGS, '_nodes/*'];
const MAKES = ['_cluster/settings', 'members', 'members/_mapping', 'lookups', 'lookups/_mapping'];

export type TableRights = Partial<Record<'claims' | 'decisions' | 'journal' | 'callers', readonly string[]>>;

/** What a handler does beyond what all of them do. Nothing here is granted to a handler that is not named. */
export interface HandlerRights {
  readonly tables: TableRights;
  /** Finds overdue claims by their index. */
  readonly findsOverdue?: true;
  readonly publishes?: true;
  readonly forwards?: true;
  /** Reads and puts the switches of both regions. */
  readonly keepsSwitches?: true;
  /** Stops and starts the consumers of its region. */
  readonly stopsConsumers?: true;
  /** Gives events to the consumer of its region that settles what a failover left behind. */
  readonly handsOver?: true;
  /** Gives work to the controller: of its own region, or of both. */
  readonly wakes?: 'own' | 'all';
  /** Asks which region's databases are the writer of their global cluster; or has others made the writer as well. */
  readonly writers?: 'sees' | 'moves';
  /** Sends dead letters of all search domains back to their queues. */
  readonly redrives?: true;
  readonly searches?: { readonly domains: 'all' | 'own'; readonly paths: SearchRights };
}

/** By handler. */
export const RIGHTS: Readonly<Record<string, HandlerRights>> = {
  members: {
    tables: { claims: WRITE, decisions: READ, journal: JOURNAL, callers: READ },
    publishes: true,
    forwards: true,
    // In fallback it shows what it accepts in every domain.
    searches: { domains: 'all', paths: { Get: [DOCUMENT, HEALTH, MAPPINGS], Post: [...SEARCHES, '_bulk'] } },
  },
  'index-events': {
    tables: { decisions: READ },
    handsOver: true,
    // Before it writes, it looks whether the indices are those that were made for it.
    searches: { domains: 'own', paths: { Get: [MAPPINGS], Post: ['_bulk'] } },
  },
  invalidate: {
    tables: { claims: WRITE, decisions: READ, journal: ['dynamodb:Query', 'dynamodb:UpdateItem'] },
    // What a failover left behind becomes a new version, which is told as every other.
    publishes: true,
  },
  failover: {
    tables: { claims: WRITE, decisions: WRITE, journal: ['dynamodb:GetItem', ...JOURNAL] },
    // A replay compares rows with every domain, and tells of what it finds.
    findsOverdue: true,
    publishes: true,
    keepsSwitches: true,
    wakes: 'all',
    stopsConsumers: true,
    writers: 'moves',
    redrives: true,
    // It makes what a domain has lost, compares it and fills it.
    searches: {
      domains: 'all',
      paths: {
        Get: [DOCUMENT, HEALTH, ...LOOKS],
        Post: ['*/_search', 'members/_mget', '*/_refresh', '_bulk'],
        Put: MAKES,
      },
    },
  },
  heartbeat: {
    tables: { decisions: WRITE },
    wakes: 'own',
    searches: { domains: 'all', paths: { Get: [HEALTH] } },
  },
  relay: { tables: { decisions: READ }, publishes: true },
  sweep: {
    tables: { claims: WRITE, decisions: READ, journal: JOURNAL },
    findsOverdue: true,
    // What a fallback left behind becomes a new version, which is told as every other.
    publishes: true,
  },
  canary: {
    tables: { claims: WRITE, decisions: READ, journal: JOURNAL },
    publishes: true,
    searches: { domains: 'all', paths: { Get: [DOCUMENT, MAPPINGS], Post: ['_bulk'] } },
  },
  switches: {
    tables: { decisions: WRITE, journal: ['dynamodb:UpdateItem'] },
    keepsSwitches: true,
    wakes: 'all',
    stopsConsumers: true,
    // A unit's request is refused where its clusters could not follow.
    writers: 'sees',
  },
  staleness: {
    tables: { decisions: READ },
    searches: { domains: 'all', paths: { Post: ['*/_search', 'members/_mget', '*/_refresh'] } },
  },
  provision: {
    tables: { decisions: WRITE, callers: WRITE, journal: ['dynamodb:UpdateItem'] },
    searches: { domains: 'all', paths: { Get: LOOKS, Put: MAKES } },
  },
};
