import { type DomainName, otherRegion, type Region } from '../../topology';
import type { Arbiter, Claim } from '../arbiter';
import { type Cache, type Fillable, lookupKey, type Uncacheable } from '../cache';
import { accountKind, epochOf, isProblem, type LookupKey, Problem, unavailable, type Version } from '../core';
import { boundedBy, type Deadline } from '../resilience';
import type { Domain, PreferredDomains } from '../search';
import { rangeOf, type Shards } from '../shards';
import type { Snapshot, Switches, UnitState } from '../switches';
import { claimKeyOfAccount, holdsClaim } from './changes';
import type { MemberCopy } from './copies';
import { readsJournal } from './fallback';
import { boundOrder, unboundOrder } from './fences';
import type { MemberReader, ReadOptions } from './reader';
import { accountFragment } from './schema';

export interface Account {
  readonly platform: string;
  readonly account: string;
}

interface Parts {
  readonly region: Region;
  readonly arbiter: Arbiter;
  readonly cache: Cache;
  readonly shards: Shards;
  readonly switches: Switches;
  readonly domains: PreferredDomains;
  readonly reader: MemberReader;
  readonly preference: (snapshot: Snapshot) => readonly DomainName[];
}

type Answer = Fillable | Uncacheable<string | undefined>;

const UNBOUND_TTL_MS = 5000;
const ROW_TIMEOUT_MS = 800;
const DOMAIN_TIMEOUT_MS = 500;

/** Finds the member behind an account. Claims say who it may be, the member itself says whether it is. */
export class AccountFinder {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws Problem NOT_BOUND; UNAVAILABLE if neither the arbiter nor a search domain answers */
  async find(account: Account, options: ReadOptions): Promise<MemberCopy> {
    const memberId = await this.#memberBehind(account, options);
    if (memberId === undefined) throw new Problem('NOT_BOUND');
    const copy = await this.#parts.reader.read(memberId, options);
    if (isBound(copy, account)) return copy;
    if (options.cacheOnly) throw options.cacheOnly();
    // A copy and the look-up were taken at different moments: ask the claim and the writer's row.
    const key = { kind: accountKind(account.platform), value: account.account };
    const holder = memberOf(await this.#load(account, key, options.deadline));
    if (holder === undefined) throw new Problem('NOT_BOUND');
    const known = holder === memberId ? copy : await this.#parts.reader.read(holder, options);
    if (isBound(known, account)) return known;
    // Its row has the account: a copy without it is too old, unless it is that row, which has lost the account since.
    if (holder !== memberId && isWritersRow(known)) throw new Problem('NOT_BOUND');
    const minVersion = Math.max(options.minVersion ?? 0, known.version + 1);
    const last = await this.#parts.reader.read(holder, { ...options, minVersion });
    if (!isBound(last, account)) throw new Problem('NOT_BOUND');
    return last;
  }

  async #memberBehind(account: Account, options: ReadOptions): Promise<string | undefined> {
    const { deadline, minVersion } = options;
    const key = { kind: accountKind(account.platform), value: account.account };
    if (options.cacheOnly) return this.#cachedBehind(key, minVersion, options.cacheOnly);
    const result = await this.#parts.cache.read<string | undefined>({
      key: lookupKey(key.kind, key.value),
      load: () => this.#load(account, key, deadline),
    });
    if (result.source === 'loaded') return memberOf(result.found);
    if (result.entry.body !== '') return result.entry.body;
    // Whoever shows a token may have bound the account a moment ago, which this "not bound" need not know yet.
    return minVersion === undefined ? undefined : memberOf(await this.#load(account, key, deadline));
  }

  async #cachedBehind(
    key: LookupKey,
    minVersion: Version | undefined,
    refusal: () => Problem,
  ): Promise<string | undefined> {
    const [entry] = await this.#parts.cache.peekMany([lookupKey(key.kind, key.value)]);
    if (entry !== undefined && entry.body !== '') return entry.body;
    if (entry === undefined || minVersion !== undefined) throw refusal();
    return undefined;
  }

  async #load(account: Account, key: LookupKey, deadline: Deadline): Promise<Answer> {
    try {
      return await this.#ofClaim(account, deadline);
    } catch (error) {
      if (!isProblem(error, 'UNAVAILABLE')) throw error;
      return this.#ofDomains(key, deadline, error);
    }
  }

  /**
   * The local copy of the claim does if the member's row confirms it; before saying "not bound" the claim is read
   * strongly.
   */
  async #ofClaim(account: Account, deadline: Deadline): Promise<Answer> {
    const key = claimKeyOfAccount(account.platform, account.account);
    const { claims } = this.#parts.arbiter;
    const near = await boundedBy(deadline, claims.read(key, { consistent: false }), 'the arbiter');
    if (near !== undefined && near.state !== 'free') {
      const answer = await this.#confirm(near, account, deadline);
      if (answer !== undefined) return answer;
    }
    const claim = await boundedBy(deadline, claims.read(key, { consistent: true }), 'the arbiter');
    if (claim === undefined) return unbound(0);
    if (claim.state === 'free') return unbound(claim.generation);
    const answer = await this.#confirm(claim, account, deadline);
    if (answer !== undefined) return answer;
    // Pending may mean about to be bound, which a cached "not bound" would hide.
    return claim.state === 'pending' ? { kind: 'uncacheable', value: undefined } : unbound(claim.generation);
  }

  /**
   * @returns undefined if the member does not hold the claim
   * @throws Problem UNAVAILABLE if no copy of the member answers
   */
  async #confirm(claim: Claim, account: Account, deadline: Deadline): Promise<Answer | undefined> {
    const { shards, switches, reader } = this.#parts;
    const unit = (await switches.current()).units[rangeOf(claim.memberId).unit];
    if (unit !== undefined && readsJournal(unit)) return this.#confirmJournaled(claim, account, unit, deadline);
    const writer = unit?.writer ?? otherRegion(this.#parts.region);
    try {
      const timeoutMs = deadline.child(ROW_TIMEOUT_MS).remainingMs;
      const { row } = await shards.members.read(claim.memberId, writer, timeoutMs);
      return holdsClaim(row?.document, claim) ? bound(claim) : undefined;
    } catch (cause) {
      // Its writer is lost: any copy that names the account will do, but one that does not proves nothing.
      const copy = await reader.read(claim.memberId, { deadline });
      if (isBound(copy, account)) return { kind: 'uncacheable', value: claim.memberId };
      throw unavailable('the writer that could tell who holds the account does not answer', cause);
    }
  }

  /**
   * In fallback no row is believed. A copy that does not name the account proves something only where it was made since the
   * fallback began.
   */
  async #confirmJournaled(
    claim: Claim,
    account: Account,
    unit: UnitState,
    deadline: Deadline,
  ): Promise<Answer | undefined> {
    const copy = await this.#parts.reader.read(claim.memberId, { deadline });
    if (isBound(copy, account)) return { kind: 'uncacheable', value: claim.memberId };
    if (epochOf(copy.version) >= unit.epoch) return undefined;
    throw unavailable('no copy can tell who holds the account while the unit of the member is in fallback');
  }

  /** Without the arbiter: who the search domains think it may be, confirmed by the member. */
  async #ofDomains(key: LookupKey, deadline: Deadline, cause: unknown): Promise<Answer> {
    const { domains, preference, switches, reader } = this.#parts;
    for (const name of preference(await switches.current())) {
      const lookup = (domain: Domain) => domain.lookup(key, deadline.child(DOMAIN_TIMEOUT_MS).remainingMs);
      const found = await domains.first([name], DOMAIN_TIMEOUT_MS, lookup).catch(() => undefined);
      for (const memberId of found?.value ?? []) {
        const copy = await reader.read(memberId, { deadline });
        const account = { platform: key.kind.slice('account:'.length), account: key.value };
        if (isBound(copy, account)) return { kind: 'uncacheable', value: memberId };
      }
    }
    // A search domain that knows nobody proves nothing: it may only be behind.
    throw cause;
  }
}

function isBound(copy: MemberCopy, { platform, account }: Account): boolean {
  return copy.flag === 'active' && copy.body.includes(accountFragment(platform, account));
}

function isWritersRow({ source }: MemberCopy): boolean {
  return source.kind === 'database' && source.role === 'writer';
}

function bound(claim: Claim): Answer {
  const entry = { version: boundOrder(claim.generation), flag: 'v', body: claim.memberId };
  return { kind: 'fillable', entry, behindMs: 0 };
}

function unbound(generation: number): Answer {
  const entry = { version: unboundOrder(generation), flag: 'n', body: '' };
  return { kind: 'fillable', entry, behindMs: 0, ttlMs: UNBOUND_TTL_MS };
}

function memberOf(answer: Answer): string | undefined {
  if (answer.kind === 'uncacheable') return answer.value;
  return answer.entry.body === '' ? undefined : answer.entry.body;
}
