import { DOMAINS, type DomainName, otherRegion, type Region } from '../../topology';
import type { Arbiter } from '../arbiter';
import { type CacheEntry, type Fillable, MOST_BEHIND_MS, type Uncacheable } from '../cache';
import { epochOf, isProblem, type MemberDocument, unavailable, type Version } from '../core';
import type { Deadline } from '../resilience';
import type { Domain, PreferredDomains } from '../search';
import { type ReadRow, rangeOf, type Shards } from '../shards';
import type { Snapshot, UnitState } from '../switches';
import { readerOf, readsJournal } from './fallback';
import { publicJson } from './schema';

/** What an answer is made from when it cannot be made as it should; `default` has nothing behind it. */
export type Degradation = 'replica' | 'search' | 'cache-only' | 'default' | 'lost-write';

/** Where an answer came from, as the `Source` header says it. */
export type Source =
  | { readonly kind: 'cache' }
  | { readonly kind: 'database'; readonly unit: string; readonly role: 'writer' | 'replica' }
  | { readonly kind: 'search'; readonly domain: DomainName };

/** A member as one copy has it: what a `GET` answers, its version, and whether the member is there. */
export interface MemberCopy {
  readonly flag: 'active' | 'closed' | 'absent';
  readonly version: Version;
  /** The answer's bytes; empty unless active. */
  readonly body: string;
  readonly source: Source;
  readonly degraded?: Degradation;
}

/** A copy as the cache keeps it, or one that may only be answered. */
export interface Found {
  readonly fill: Fillable | Uncacheable<MemberCopy>;
  readonly copy: MemberCopy;
}

const FLAGS = { active: 'v', closed: 'c', absent: 'n' } as const;
const FLAG_NAMES: Readonly<Record<string, MemberCopy['flag']>> = { v: 'active', c: 'closed', n: 'absent' };
const ABSENT_TTL_MS = 5000;
const SERVER_TIMEOUT_MS = 800;
const DOMAIN_TIMEOUT_MS = 500;
/** After this the next domain is asked too. */
const DOMAIN_PATIENCE_MS = 200;

export function copyOfEntry({ flag, version, body }: CacheEntry, source: Source = { kind: 'cache' }): MemberCopy {
  return { flag: FLAG_NAMES[flag] ?? 'absent', version, body, source };
}

/** A row that was just read: only the writer is not behind itself. */
export function copyOfLoaded(memberId: string, found: Fillable): MemberCopy {
  const role = found.behindMs === 0 ? 'writer' : 'replica';
  return copyOfEntry(found.entry, { kind: 'database', unit: rangeOf(memberId).unit, role });
}

export interface CopyRequest {
  readonly memberId: string;
  /** The cache's fence: what is older must not be filled. */
  readonly floor: Version;
  readonly minVersion: Version;
  readonly deadline: Deadline;
}

/** What a row means as a copy: an absent row is a copy too. */
function copyOfRow({ row }: ReadRow, source: Source): MemberCopy {
  if (row === undefined) return { flag: 'absent', version: 0, body: '', source };
  return copyOfDocument(row.document, source);
}

function copyOfDocument(document: MemberDocument, source: Source): MemberCopy {
  const flag = document.status === 'closed' ? 'closed' : 'active';
  return { flag, version: document.version, body: flag === 'active' ? publicJson(document) : '', source };
}

/**
 * A row may be cached if it is at or above the fence, and was read from a server whose last heartbeat is young enough
 * that every fence which it may not have seen yet still stands. That holds for a writer too: it may have been replaced
 * while it was frozen.
 */
export function fillOf(
  copy: MemberCopy,
  heartbeatAgeMs: number | undefined,
  floor: Version,
): Fillable | Uncacheable<MemberCopy> {
  const isFresh = heartbeatAgeMs !== undefined && heartbeatAgeMs <= MOST_BEHIND_MS;
  if (!isFresh || copy.version < floor) return { kind: 'uncacheable', value: copy };
  const isWriter = copy.source.kind === 'database' && copy.source.role === 'writer';
  return {
    kind: 'fillable',
    entry: { version: copy.version, flag: FLAGS[copy.flag], body: copy.body },
    // A replica whose heartbeat is younger than a clock tick is a replica all the same.
    behindMs: isWriter ? 0 : Math.max(1, heartbeatAgeMs),
    ...(copy.flag === 'absent' ? { ttlMs: ABSENT_TTL_MS } : {}),
  };
}

/** Asks the copies of a member one after another, nearest first, until one is new enough. */
export class MemberCopies {
  readonly #shards: Shards;
  readonly #domains: PreferredDomains;
  readonly #region: Region;
  readonly #preference: (snapshot: Snapshot) => readonly DomainName[];
  readonly #commands: Pick<Arbiter['commands'], 'last'>;
  readonly #isMasked: boolean;
  readonly #mustAnswer: boolean;

  /**
   * @param parts `mustAnswer`: whether a copy to which too many are under way is passed over for the next one; else the read is
   * refused, so that the load of a class stays where it is
   * @param parts `isMasked`: whether all that is read is masked anyway, so that a masked domain will do
   */
  constructor(parts: {
    shards: Shards;
    domains: PreferredDomains;
    region: Region;
    preference: (snapshot: Snapshot) => readonly DomainName[];
    commands: Pick<Arbiter['commands'], 'last'>;
    isMasked?: boolean;
    mustAnswer?: boolean;
  }) {
    this.#mustAnswer = parts.mustAnswer ?? true;
    this.#isMasked = parts.isMasked ?? false;
    this.#commands = parts.commands;
    this.#shards = parts.shards;
    this.#domains = parts.domains;
    this.#region = parts.region;
    this.#preference = parts.preference;
  }

  /** @throws Problem UNAVAILABLE if no copy that answers is new enough */
  async find(request: CopyRequest, snapshot: Snapshot): Promise<Found> {
    const { unit: unitName } = rangeOf(request.memberId);
    const unit = snapshot.units[unitName];
    if (unit === undefined) throw unavailable(`unit ${unitName} has not been founded`);
    if (readsJournal(unit)) return this.#journaled(request, snapshot);
    const local =
      unit.writer === this.#region ? undefined : await this.#read(request, unitName, 'replica', this.#region);
    // What may not be filled lags too far behind, or below a fence: the writer is asked if it can be.
    if (local?.fill.kind === 'fillable' && isNewEnough(local.copy, request.minVersion)) return local;
    const home = await this.#read(request, unitName, 'writer', unit.writer);
    if (home !== undefined) return this.#ofWriter(home, request, unit);
    return this.#degraded(request, snapshot, unit, local);
  }

  /** The writer knows best: what it has not, nobody has, unless the caller saw a version that was lost in a failover. */
  #ofWriter(home: Found, { minVersion }: CopyRequest, unit: UnitState): Found {
    if (home.copy.version >= minVersion) return home;
    if (epochOf(minVersion) >= unit.epoch) throw unavailable('no copy has reached the version that was asked for');
    const copy: MemberCopy = { ...home.copy, degraded: 'lost-write' };
    return { copy, fill: { kind: 'uncacheable', value: copy } };
  }

  async #degraded(request: CopyRequest, snapshot: Snapshot, unit: UnitState, local: Found | undefined): Promise<Found> {
    const unitName = rangeOf(request.memberId).unit;
    const replicaRegion = otherRegion(unit.writer);
    const replica =
      local ??
      (replicaRegion === this.#region ? undefined : await this.#read(request, unitName, 'replica', replicaRegion));
    const wanted = Math.max(request.minVersion, request.floor);
    if (replica !== undefined && isNewEnough(replica.copy, wanted)) return degrade(replica.copy, 'replica');
    const copy = await this.#readDomains(request, snapshot, async (domain, until) => {
      const document = await domain.getMember(request.memberId, until.remainingMs);
      return document !== undefined && document.version >= wanted ? document : undefined;
    });
    if (copy !== undefined) return degrade(copy, 'search');
    if (replica !== undefined && isNewEnough(replica.copy, request.minVersion)) return degrade(replica.copy, 'replica');
    throw unavailable(`no copy of a member of unit ${unitName} answers`);
  }

  /** In fallback no row is believed: it may lack what was accepted since. */
  async #journaled(request: CopyRequest, snapshot: Snapshot): Promise<Found> {
    const { memberId, minVersion, floor, deadline } = request;
    const wanted = Math.max(minVersion, floor);
    const copy = await this.#readDomains(request, snapshot, await readerOf(this.#commands, memberId, wanted, deadline));
    if (copy !== undefined) return degrade(copy, 'search');
    throw unavailable(`no search domain has a copy that is new enough of a member of unit ${rangeOf(memberId).unit}`);
  }

  /**
   * @returns undefined if that server does not answer
   * @throws Problem SHED if too many of this class are under way to it, which need not be answered
   */
  async #read(
    { memberId, floor, deadline }: CopyRequest,
    unit: string,
    role: 'writer' | 'replica',
    region: Region,
  ): Promise<Found | undefined> {
    const timeoutMs = deadline.child(SERVER_TIMEOUT_MS).remainingMs;
    try {
      const read = await this.#shards.members.read(memberId, region, timeoutMs, role);
      const copy = copyOfRow(read, { kind: 'database', unit, role });
      return { copy, fill: fillOf(copy, read.heartbeatAgeMs, floor) };
    } catch (error) {
      if (isProblem(error, 'SHED') && !this.#mustAnswer) throw error;
      return undefined;
    }
  }

  /** @returns undefined if no domain that answers has the member as it is wanted */
  async #readDomains(
    { deadline }: CopyRequest,
    snapshot: Snapshot,
    read: (domain: Domain, until: Deadline) => Promise<MemberDocument | undefined>,
  ): Promise<MemberCopy | undefined> {
    const names = this.#preference(snapshot).filter((name) => this.#isMasked || DOMAINS[name].holds === 'whole');
    const ask = (domain: Domain) => read(domain, deadline.child(DOMAIN_TIMEOUT_MS));
    const found = await this.#domains.first(names, DOMAIN_PATIENCE_MS, ask).catch(() => undefined);
    return found && copyOfDocument(found.value, { kind: 'search', domain: found.domain });
  }
}

/** A replica's silence proves nothing: the row may only not have arrived yet. */
function isNewEnough(copy: MemberCopy, version: Version): boolean {
  return copy.flag !== 'absent' && copy.version >= version;
}

function degrade(copy: MemberCopy, degraded: Degradation): Found {
  const marked: MemberCopy = { ...copy, degraded };
  return { copy: marked, fill: { kind: 'uncacheable', value: marked } };
}
