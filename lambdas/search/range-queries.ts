import type { IdRange } from '../core';
import type { LiveLookup } from './writer';

/** As many hits as the engine gives at once. */
export const MOST_HITS = 10_000;

/** Ids as text: JSON readers take numbers of this size for others nearby. */
function inRange({ first, last }: IdRange) {
  return { range: { number: { gte: String(first), lte: String(last) } } };
}

/** Members, their digests and the look-ups of a range, of both indices at once. Only members have a digest. */
export function sumQuery(ids: IdRange): object {
  return {
    query: { bool: { filter: [inRange(ids)] } },
    size: 0,
    track_total_hits: false,
    aggs: {
      members: { value_count: { field: 'digest' } },
      digest: { sum: { field: 'digest' } },
      lookups: { filter: { term: { removed: false } } },
    },
  };
}

export function versionsQuery(ids: IdRange, most: number): object {
  return {
    query: { bool: { filter: [inRange(ids)] } },
    sort: [{ number: 'asc' }],
    size: most,
    track_total_hits: false,
    version: true,
    _source: false,
    docvalue_fields: ['digest'],
  };
}

/** Look-ups of members that are not removed, behind the one that was read last. */
export function lookupsQuery(memberIds: readonly string[], last: LiveLookup | undefined): object {
  return {
    query: { bool: { filter: [{ terms: { number: memberIds } }, { term: { removed: false } }] } },
    sort: [{ number: 'asc' }, { kind: 'asc' }, { value: 'asc' }],
    size: MOST_HITS,
    track_total_hits: false,
    _source: ['kind', 'value', 'memberId'],
    ...(last === undefined ? {} : { search_after: [last.memberId, last.kind, last.value] }),
  };
}
