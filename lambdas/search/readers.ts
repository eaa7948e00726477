import { type Log, type LookupKey, type MemberDocument, unavailable, type Version } from '../core';
import { errorType, type GetAnswer, type Hit, type SearchAnswer } from './answers';
import type { DomainConnection } from './connection';
import type { NameLookup } from './lookup-names';
import { inOrder, positionOf } from './order';
import {
  changedSinceQuery,
  lookupQuery,
  orderedPageQuery,
  type SearchBody,
  scanQuery,
  smallResultQuery,
} from './queries';
import type { SearchHit, SearchPage, SearchRequest } from './types';

/** Most members that one look-up answers: a key that more of them share is no longer one. */
const LOOKUP_LIMIT = 500;

/** Reads by id are real-time: the engine answers them from what it has logged, without waiting for a refresh. */
export async function getMember(
  connection: DomainConnection,
  index: string,
  memberId: string,
  signal: AbortSignal,
): Promise<MemberDocument | undefined> {
  const path = `/${index}/_doc/${encodeURIComponent(memberId)}`;
  const { status, body } = await connection.send({ method: 'GET', path }, signal);
  const { found, _source } = body as GetAnswer;
  if (status === 200) return (_source as { document: MemberDocument }).document;
  // A missing index is not found either; it says nothing about the member.
  if (found !== false) throw unavailable(`index ${index} does not answer reads by id (${status})`);
  return undefined;
}

export async function lookUp(
  parts: { connection: DomainConnection; index: string; nameLookup: NameLookup; log: Log },
  key: LookupKey,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<readonly string[]> {
  const name = parts.nameLookup(key);
  const search = { index: parts.index, body: lookupQuery(name, LOOKUP_LIMIT), routing: name.routing, timeoutMs };
  const { hits } = await runSearch(parts.connection, search, signal);
  if (hits.length === LOOKUP_LIMIT) parts.log.warn('a key is shared by too many members', { kind: key.kind });
  return [...hits].sort(newestFirst).map(({ _source }) => (_source as { memberId: string }).memberId);
}

function newestFirst(a: Hit, b: Hit): number {
  return (b._version ?? 0) - (a._version ?? 0) || (a._id < b._id ? -1 : 1);
}

/**
 * The first page of a small result is sorted here, which spares the engine to sort and this process a second trip; a
 * large one, and every page behind a place, by the engine. Both orders are the same, so a page may follow either way.
 */
export async function findMembers(
  parts: { connection: DomainConnection; index: string; smallResultHits: number },
  request: SearchRequest,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<SearchPage> {
  if (request.after === undefined) {
    const body = smallResultQuery(request, parts.smallResultHits);
    const { hits, total } = await runSearch(parts.connection, { index: parts.index, body, timeoutMs }, signal);
    if (total !== undefined && total.value <= parts.smallResultHits) {
      return pageOf(inOrder(hits.map(toSearchHit), request.sort), request);
    }
  }
  const body = orderedPageQuery(request);
  const { hits } = await runSearch(parts.connection, { index: parts.index, body, timeoutMs }, signal);
  return pageOf(hits.map(toSearchHit), request);
}

/** @param inOrder the page and whatever follows it */
function pageOf(inOrder: readonly SearchHit[], { limit, sort }: SearchRequest): SearchPage {
  const documents = inOrder.slice(0, limit);
  const last = documents.at(-1);
  return last === undefined || inOrder.length <= limit ? { documents } : { documents, next: positionOf(last, sort) };
}

function toSearchHit({ _id, _version, _source }: Hit): SearchHit {
  return { memberId: _id, version: _version ?? 0, document: (_source as { document: MemberDocument }).document };
}

/** One page of the scan. */
export async function scanPage(
  connection: DomainConnection,
  page: { index: string; size: number; after: string | undefined },
  signal: AbortSignal,
  timeoutMs: number,
): Promise<{ memberId: string; version: Version }[]> {
  const search = { index: page.index, body: scanQuery(page.size, page.after), timeoutMs };
  const { hits } = await runSearch(connection, search, signal);
  return hits.map(({ _id, _version }) => ({ memberId: _id, version: _version ?? 0 }));
}

/** One page of what was changed at or after a time. */
export async function changedPage(
  connection: DomainConnection,
  page: { index: string; since: string; size: number; after: string | undefined },
  signal: AbortSignal,
  timeoutMs: number,
): Promise<SearchHit[]> {
  const search = { index: page.index, body: changedSinceQuery(page.since, page.size, page.after), timeoutMs };
  const { hits } = await runSearch(connection, search, signal);
  return hits.map(toSearchHit);
}

async function runSearch(
  connection: DomainConnection,
  search: { index: string; body: SearchBody; routing?: string; timeoutMs: number },
  signal: AbortSignal,
): Promise<SearchAnswer['hits']> {
  const { status, body } = await connection.send(
    {
      method: 'POST',
      path: `/${search.index}/_search`,
      query: {
        // A shard that is lost or late must not pass for one without hits.
        allow_partial_search_results: false,
        ...(search.routing === undefined ? {} : { routing: search.routing }),
      },
      // The engine stops working on what nobody waits for.
      body: JSON.stringify({ ...search.body, timeout: `${Math.max(1, Math.ceil(search.timeoutMs))}ms` }),
    },
    signal,
  );
  if (status === 200) return (body as SearchAnswer).hits;
  if (status === 404) throw unavailable(`index ${search.index} is missing`);
  throw new Error(`a search of index ${search.index} was refused (${status}: ${errorType(body)})`);
}
