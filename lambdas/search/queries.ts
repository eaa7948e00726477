import type { LookupName } from './lookup-names';
import type { CursorPosition, SearchFilter, SearchRequest, SearchSort } from './types';

type Clause = Readonly<Record<string, unknown>>;

/**
 * The body of a search. Every clause stands in filter context: nothing is scored, and the engine may keep the result
 * of a clause. `_doc` is the order in which documents lie there, which costs nothing.
 */
export interface SearchBody {
  readonly query: { readonly bool: { readonly filter: readonly Clause[] } };
  readonly sort: readonly (string | Readonly<Record<string, 'asc' | 'desc'>>)[];
  readonly size: number;
  readonly track_total_hits: number | false;
  readonly version: true;
  /** Whole where the document is wanted: the engine picks fields by building them anew, in another order. */
  readonly _source: boolean | readonly string[];
  readonly search_after?: readonly (string | number)[];
}

export type FieldSort = { readonly field: 'registeredAt' | 'name'; readonly direction: 'asc' | 'desc' };

export function fieldSort(sort: SearchSort): FieldSort {
  if (sort === 'name') return { field: 'name', direction: 'asc' };
  return { field: 'registeredAt', direction: sort === '-registeredAt' ? 'desc' : 'asc' };
}

/** All of a result if it is small, in no order; else its first documents, and that there are more. */
export function smallResultQuery(request: SearchRequest, smallResultHits: number): SearchBody {
  return {
    query: { bool: { filter: filterClauses(request.filter) } },
    sort: ['_doc'],
    size: smallResultHits,
    track_total_hits: smallResultHits + 1,
    version: true,
    _source: true,
  };
}

/** One page in order, and one document more, which tells whether there is a next page. */
export function orderedPageQuery(request: SearchRequest): SearchBody {
  const { field, direction } = fieldSort(request.sort);
  return {
    query: { bool: { filter: filterClauses(request.filter) } },
    sort: [{ [field]: direction }, { memberId: 'asc' }],
    size: request.limit + 1,
    track_total_hits: false,
    version: true,
    _source: true,
    ...(request.after === undefined ? {} : { search_after: searchAfter(field, request.after) }),
  };
}

/** Members behind one key. */
export function lookupQuery({ kind, value }: LookupName, limit: number): SearchBody {
  return {
    query: { bool: { filter: [{ term: { kind } }, { term: { value } }, { term: { removed: false } }] } },
    sort: ['_doc'],
    size: limit,
    track_total_hits: false,
    version: true,
    _source: ['memberId'],
  };
}

/** Members in the order of their ids, closed ones too. */
export function scanQuery(pageSize: number, afterMemberId?: string): SearchBody {
  return {
    query: { bool: { filter: [{ match_all: {} }] } },
    sort: [{ memberId: 'asc' }],
    size: pageSize,
    track_total_hits: false,
    version: true,
    _source: false,
    ...(afterMemberId === undefined ? {} : { search_after: [afterMemberId] }),
  };
}

/** Members that were changed at or after a time, in the order of their ids, closed ones too. */
export function changedSinceQuery(since: string, pageSize: number, afterMemberId?: string): SearchBody {
  return {
    ...scanQuery(pageSize, afterMemberId),
    query: { bool: { filter: [{ range: { updatedAt: { gte: since } } }] } },
    _source: true,
  };
}

function filterClauses({ registeredAt, ...filter }: SearchFilter): Clause[] {
  const { from, to } = registeredAt ?? {};
  return [
    { term: { status: 'active' } },
    ...Object.entries(filter).flatMap(([field, value]) => (value === undefined ? [] : [terms(field, [value].flat())])),
    ...(from === undefined && to === undefined ? [] : [{ range: { registeredAt: { gte: from, lte: to } } }]),
  ];
}

function terms(field: string, values: readonly (string | boolean)[]): Clause {
  return { terms: { [field]: values } };
}

function searchAfter(field: FieldSort['field'], { value, memberId }: CursorPosition): (string | number)[] {
  return [field === 'registeredAt' ? Date.parse(value) : value, memberId];
}
