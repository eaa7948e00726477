import { SHARD_MAP, type ShardRange } from '../../../topology';
import { above, type IdRange, isEmpty } from '../../core';
import { idsOfPlacements } from '../../shards';

/** A schema, and the ids of it that are still to be compared. */
export interface Place {
  readonly range: ShardRange;
  readonly ids: IdRange;
}

/** Below every id. */
export const BEFORE_ALL = -1n;
const IDS = 2n ** 63n;

/** What lies behind an id, in the order of ids. */
export function placesAbove(id: bigint, map: readonly ShardRange[] = SHARD_MAP): readonly Place[] {
  return map
    .map((range) => ({ range, ids: above(idsOfPlacements(range.from, range.to), id) }))
    .filter(({ ids }) => !isEmpty(ids));
}

/** How much of all ids lies at or below one, from 0 to 1. Placements are drawn evenly, and so ids are spread. */
export function shareUpTo(id: bigint): number {
  return Number(((id + 1n) * 1_000_000n) / IDS) / 1_000_000;
}
