import type { DegradableFeature, DomainName, TrafficClass } from '../../topology';
import { CLASS_RULES, DOMAINS } from '../../topology';
import { type Config, isProblem, type LookupKey, Problem, unavailable } from '../core';
import {
  type AccountFinder,
  type Degradation,
  holdsVersion,
  type KeyFinder,
  type MemberCopy,
  type MemberReader,
  type PublicMember,
  parseAccount,
  parseBatch,
  parseLookup,
  parseMemberId,
  parseSearch,
  publicJson,
  type ReadOptions,
  readIfNoneMatch,
  readMinVersion,
} from '../members';
import {
  type Answered,
  decodeCursor,
  encodeCursor,
  maskContacts,
  type PreferredDomains,
  type SearchHit,
  type SearchPage,
  type SearchRequest,
} from '../search';
import type { Switches } from '../switches';
import { onlyFromCache } from '../traffic';
import { type Call, copyHeaders, sourceHeader } from './call';
import { type Features, givenUp } from './features';
import { type AnswerHeaders, type HttpAnswer, json, notModified, queryOf, readBody } from './http';

export interface ReadingParts {
  readonly config: Config;
  readonly trafficClass: TrafficClass;
  readonly reader: MemberReader;
  readonly accounts: AccountFinder;
  readonly keys: KeyFinder;
  readonly domains: PreferredDomains;
  readonly switches: Switches;
  readonly features: Features;
}

const DOMAIN_TIMEOUT_MS = 2000;
/** After this the next domain is asked too; a search may take long in a domain that is well. */
const PATIENCE_MS = 800;

interface Givable {
  readonly search: DegradableFeature;
  readonly lookups: DegradableFeature;
  readonly origin: DegradableFeature;
  readonly certainty?: DegradableFeature;
}

/** What each class can give up; `order` must answer. */
const GIVABLE: Readonly<Record<TrafficClass, Givable | undefined>> = {
  order: undefined,
  marketing: {
    search: 'search-marketing',
    lookups: 'lookups-marketing',
    origin: 'origin-marketing',
    certainty: 'certainty-marketing',
  },
  other: { search: 'search-other', lookups: 'lookups-other', origin: 'origin-other' },
};

/** The calls that read. */
export class Reading {
  readonly #parts: ReadingParts;
  readonly #isMasked: boolean;
  /** Of the traffic class, where it can give this up: class order can give up nothing. */
  readonly #givable: Givable | undefined;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
    this.#isMasked = CLASS_RULES[parts.trafficClass].masked;
    this.#givable = GIVABLE[parts.trafficClass];
  }

  getMember(call: Call): Promise<HttpAnswer> {
    const memberId = parseMemberId(call.parameters.id);
    return this.#parts.reader.readActive(memberId, this.#options(call)).then((copy) => this.#answerCopy(copy, call));
  }

  async findByAccount(call: Call): Promise<HttpAnswer> {
    const account = parseAccount(call.parameters.platform, call.parameters.account);
    return this.#answerCopy(await this.#parts.accounts.find(account, this.#options(call)), call);
  }

  findByKey(call: Call): Promise<HttpAnswer> {
    const key = parseLookup(queryOf(call.event));
    return this.#orDefault(call, this.#givable?.lookups, () => this.#findByKey(key, call));
  }

  async #findByKey(key: LookupKey, call: Call): Promise<HttpAnswer> {
    const { copies, domain } = await this.#parts.keys.find(key, this.#options(call));
    const items = copies.map((copy) => this.#bodyOf(copy));
    return this.#answerItems(items, call, { ...sourceHeader({ kind: 'search', domain }), ...degradedHeader(copies) });
  }

  async batchMembers(call: Call): Promise<HttpAnswer> {
    const memberIds = parseBatch(readBody(call.event, call.headers, 'json'));
    const found = await this.#parts.reader.readMany(memberIds, this.#options(call));
    const items = found.map((copy, index) => this.#batchItem(memberIds[index] ?? '', copy));
    return this.#answerItems(items, call, degradedHeader(found));
  }

  searchMembers(call: Call): Promise<HttpAnswer> {
    return this.#orDefault(call, this.#givable?.search, () => this.#searchMembers(call));
  }

  async #searchMembers(call: Call): Promise<HttpAnswer> {
    const { cursor, filter, sort, limit } = parseSearch(readBody(call.event, call.headers, 'json'));
    const { cursorKey } = this.#parts.config.secrets;
    const binding = { callerId: call.caller.id, trafficClass: this.#parts.trafficClass, filter, sort };
    const after = cursor === undefined ? {} : { after: decodeCursor(cursorKey, binding, cursor) };
    const { value: page, domain } = await this.#search({ filter, sort, limit, ...after }, call);
    const items = await this.#itemsOf(page.documents, domain, call);
    const next = page.next === undefined ? undefined : encodeCursor(cursorKey, binding, page.next);
    return this.#answerItems(items, call, sourceHeader({ kind: 'search', domain }), next);
  }

  #options(call: Call): ReadOptions {
    return {
      minVersion: readMinVersion(call.headers),
      deadline: call.deadline,
      cacheOnly: call.caller.status === 'cache-only' ? onlyFromCache : this.#originRefusal(),
    };
  }

  /** What is thrown for what the cache has not, while the class has given up whatever is behind it. */
  #originRefusal(): (() => Problem) | undefined {
    const origin = this.#givable?.origin;
    return origin !== undefined && this.#parts.features.isGivenUp(origin) ? () => givenUp(origin) : undefined;
  }

  /** The last level: an empty list, which says that it is none of the others, where the class may answer so. */
  async #orDefault(
    call: Call,
    feature: DegradableFeature | undefined,
    answer: () => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    const { features } = this.#parts;
    try {
      if (feature !== undefined) features.require(feature);
      return await answer();
    } catch (error) {
      const isDown = isProblem(error, 'UNAVAILABLE') || isProblem(error, 'SHED');
      const byDefault = this.#givable?.certainty;
      if (!isDown || byDefault === undefined || !features.isGivenUp(byDefault)) throw error;
      return this.#answerItems([], call, { Degraded: 'default' satisfies Degradation });
    }
  }

  #answerCopy(copy: MemberCopy, call: Call): HttpAnswer {
    const headers = copyHeaders(copy, call.trace);
    if (holdsVersion(readIfNoneMatch(call.headers), copy.version)) return notModified(headers);
    return json(200, this.#bodyOf(copy), headers);
  }

  #bodyOf(copy: MemberCopy): string {
    return this.#isMasked ? JSON.stringify(maskContacts(JSON.parse(copy.body) as PublicMember)) : copy.body;
  }

  #batchItem(id: string, copy: MemberCopy | Problem): string {
    const problem = copy instanceof Problem ? copy : problemOf(copy);
    if (problem !== undefined) return JSON.stringify({ id, status: problem.status, code: problem.code });
    return `{"id":${JSON.stringify(id)},"status":200,"member":${this.#bodyOf(copy as MemberCopy)}}`;
  }

  #answerItems(items: readonly string[], call: Call, headers: AnswerHeaders, cursor?: string): HttpAnswer {
    const next = cursor === undefined ? '' : `,"cursor":${JSON.stringify(cursor)}`;
    const { traceparent } = call.trace;
    return json(200, `{"items":[${items.join()}]${next}}`, { ...headers, traceparent });
  }

  async #search(request: SearchRequest, call: Call): Promise<Answered<SearchPage>> {
    const { search } = await this.#parts.switches.current();
    const found = await this.#parts.domains.first(search[this.#parts.trafficClass], PATIENCE_MS, (domain) =>
      domain.search(request, call.deadline.child(DOMAIN_TIMEOUT_MS).remainingMs),
    );
    if (found === undefined) throw unavailable('no search domain of this class answers');
    return found;
  }

  /** A masked domain cannot tell a class what it may see in full: its hits are read by id then. */
  async #itemsOf(hits: readonly SearchHit[], domain: DomainName, call: Call): Promise<string[]> {
    if (this.#isMasked) return hits.map((hit) => publicJson(maskContacts(hit.document)));
    if (DOMAINS[domain].holds === 'whole') return hits.map((hit) => publicJson(hit.document));
    const ids = hits.map((hit) => hit.memberId);
    const copies = await this.#parts.reader.readEvery(ids, { deadline: call.deadline });
    return copies.flatMap((copy) => (copy.flag === 'active' ? [copy.body] : []));
  }
}

function problemOf({ flag }: MemberCopy): Problem | undefined {
  if (flag === 'active') return undefined;
  return new Problem(flag === 'closed' ? 'MEMBER_CLOSED' : 'MEMBER_NOT_FOUND');
}

/** The first level that one of several copies is degraded to. */
function degradedHeader(copies: readonly (MemberCopy | Problem)[]): AnswerHeaders {
  const degraded = copies.flatMap((copy) => (copy instanceof Problem ? [] : (copy.degraded ?? [])));
  return { Degraded: degraded[0] };
}
