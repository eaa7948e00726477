import { isDeepStrictEqual } from 'node:util';
import { type IdRange, type MemberDocument, unavailable, type Version } from '../core';
import { errorType, type Hit, type SearchAnswer } from './answers';
import type { DomainConnection } from './connection';
import { within } from './deadline';
import { operationsOf, type Writing } from './operations';
import { lookupsQuery, MOST_HITS, sumQuery, versionsQuery } from './range-queries';
import type { RestoreOutcome } from './types';
import { eventOfRow, type LiveLookup, removeMembers, restoreMembers } from './writer';

/** What the documents of a range add up to. */
export interface DomainSum {
  readonly members: number;
  /** Sum of the digests that the documents carry. */
  readonly digest: number;
  /** Look-ups that are not removed. */
  readonly lookups: number;
}

/** A member as a domain has it. */
export interface StoredVersion {
  readonly memberId: string;
  /** Under which the document was written: what decides about every further write. */
  readonly version: Version;
  /** Undefined in documents of before there were digests. */
  readonly digest: number | undefined;
}

const TIMEOUT_MS = 30_000;

/**
 * A domain by ranges of ids, to be compared with the rows. Sums and versions are as of the last refresh. Every call
 * throws Problem UNAVAILABLE where the domain does not answer.
 */
export class DomainRanges {
  readonly #connection: DomainConnection;
  readonly #writing: Writing;
  readonly #requireProvisioned: (signal: AbortSignal) => Promise<void>;

  constructor(
    connection: DomainConnection,
    writing: Writing,
    requireProvisioned: (signal: AbortSignal) => Promise<void>,
  ) {
    this.#connection = connection;
    this.#writing = writing;
    this.#requireProvisioned = requireProvisioned;
  }

  /** Added up by the engine. */
  async sum(ids: IdRange): Promise<DomainSum> {
    const { members, lookups } = this.#writing.indices;
    const { aggregations } = await this.#search(`${members},${lookups}`, sumQuery(ids));
    const { members: counted, digest, lookups: live } = aggregations ?? {};
    if (counted?.value === undefined || digest?.value === undefined || live?.doc_count === undefined) {
      throw unavailable('the domain did not add up a range');
    }
    return { members: counted.value, digest: digest.value, lookups: live.doc_count };
  }

  /** The first `most` members of a range, in the order of their ids; `MOST_HITS` at most. */
  async versions(ids: IdRange, most = MOST_HITS): Promise<StoredVersion[]> {
    const { hits } = await this.#search(this.#writing.indices.members, versionsQuery(ids, most));
    return (hits?.hits ?? []).map(({ _id, _version, fields }) => ({
      memberId: _id,
      version: _version ?? 0,
      digest: fields?.digest?.[0],
    }));
  }

  /** As of now, not as of the last refresh; who is not known is missing. */
  async versionsNow(memberIds: readonly string[]): Promise<ReadonlyMap<string, StoredVersion>> {
    const found = await this.#get(memberIds, { _source_includes: 'digest' });
    return new Map(
      found.map(({ _id, _version, _source }) => [
        _id,
        { memberId: _id, version: _version ?? 0, digest: _source?.digest },
      ]),
    );
  }

  /** Whose documents among these are not what their rows would be written as; who is not known is not among them. */
  async altered(documents: readonly MemberDocument[]): Promise<string[]> {
    const ids = documents.map(({ memberId }) => memberId);
    const stored = new Map((await this.#get(ids, {})).map(({ _id, _source }) => [_id, _source]));
    return documents
      .filter((document) => {
        const source = stored.get(document.memberId);
        const [expected] = operationsOf(eventOfRow(document), this.#writing);
        return source !== undefined && !isDeepStrictEqual(source, JSON.parse(JSON.stringify(expected?.source)));
      })
      .map(({ memberId }) => memberId);
  }

  /** Who of these members is found by other keys than the document says, as of the last refresh. */
  async misled(documents: readonly MemberDocument[]): Promise<string[]> {
    const live = await this.#liveLookups(documents.map(({ memberId }) => memberId));
    return documents
      .filter((document) => {
        const [, ...expected] = operationsOf(eventOfRow(document), this.#writing);
        const found = live.get(document.memberId) ?? [];
        const ids = new Set(found.map(({ id }) => id));
        return found.length !== expected.length || expected.some(({ id }) => !ids.has(id));
      })
      .map(({ memberId }) => memberId);
  }

  /**
   * Writes what rows say, with look-ups, and takes back look-ups that the rows do not have. Also over what stands under
   * the very version; what stands under a higher one stays.
   *
   * @param options `isEmpty`: nothing of these members is in the domain yet, so that nothing is looked for
   */
  async restore(documents: readonly MemberDocument[], { isEmpty = false } = {}): Promise<readonly RestoreOutcome[]> {
    if (documents.length === 0) return [];
    const live = isEmpty
      ? new Map<string, LiveLookup[]>()
      : await this.#liveLookups(documents.map(({ memberId }) => memberId));
    return within(TIMEOUT_MS, async (signal) => {
      await this.#requireProvisioned(signal);
      return restoreMembers(this.#connection, this.#writing, { documents, live }, signal);
    });
  }

  /**
   * Takes members out of the domain, with their look-ups, as far as they stand at these versions or below. The engine
   * keeps the version of a deletion for a minute; an event that comes after it brings the member back. Look-ups are
   * those of the last refresh.
   */
  async remove(members: readonly Pick<StoredVersion, 'memberId' | 'version'>[]): Promise<void> {
    if (members.length === 0) return;
    const live = await this.#liveLookups(members.map(({ memberId }) => memberId));
    await within(TIMEOUT_MS, (signal) => removeMembers(this.#connection, this.#writing, { members, live }, signal));
  }

  /** Those that there are, as of now. */
  async #get(memberIds: readonly string[], query: Record<string, string>): Promise<readonly GotDocument[]> {
    if (memberIds.length === 0) return [];
    const path = `/${this.#writing.indices.members}/_mget`;
    const body = JSON.stringify({ ids: memberIds });
    const answer = await within(TIMEOUT_MS, (signal) =>
      this.#connection.send({ method: 'POST', path, query, body }, signal),
    );
    const { docs = [] } = answer.body as { docs?: readonly GotDocument[] };
    const isSilent = answer.status !== 200 || docs.some(({ error }) => error !== undefined);
    if (isSilent) throw unavailable(`reads by id are not answered (${answer.status})`);
    return docs.filter(({ found }) => found);
  }

  async #liveLookups(memberIds: readonly string[]): Promise<ReadonlyMap<string, LiveLookup[]>> {
    const found = new Map<string, LiveLookup[]>();
    let page: readonly RangeHit[];
    let last: LiveLookup | undefined;
    do {
      const { hits } = await this.#search(this.#writing.indices.lookups, lookupsQuery(memberIds, last));
      page = hits?.hits ?? [];
      for (const { _id: id, _routing: routing = '', _source } of page) {
        last = { id, routing, ...(_source as Pick<LiveLookup, 'kind' | 'value' | 'memberId'>) };
        found.set(last.memberId, [...(found.get(last.memberId) ?? []), last]);
      }
    } while (page.length === MOST_HITS);
    return found;
  }

  async #search(index: string, query: object): Promise<RangeAnswer> {
    const { status, body } = await within(TIMEOUT_MS, (signal) =>
      this.#connection.send(
        {
          method: 'POST',
          path: `/${index}/_search`,
          // A shard that is lost or late must not pass for one that holds nothing.
          query: { allow_partial_search_results: false },
          body: JSON.stringify(query),
        },
        signal,
      ),
    );
    if (status === 200) return body as RangeAnswer;
    if (status === 404) throw unavailable(`index ${index} is missing`);
    throw new Error(`a search of index ${index} was refused (${status}: ${errorType(body)})`);
  }
}

interface GotDocument {
  readonly _id: string;
  readonly found?: boolean;
  readonly _version?: number;
  readonly _source?: { readonly digest?: number };
  readonly error?: unknown;
}

interface RangeHit extends Hit {
  readonly _routing?: string;
  readonly fields?: { readonly digest?: readonly number[] };
}

interface RangeAnswer {
  readonly hits?: Omit<SearchAnswer['hits'], 'hits'> & { readonly hits: readonly RangeHit[] };
  readonly aggregations?: {
    readonly members?: { readonly value?: number };
    readonly digest?: { readonly value?: number };
    readonly lookups?: { readonly doc_count?: number };
  };
}
