import { type Region, SHARD_MAP, type ShardRange } from '../../topology';
import { encodeMemberId, placementOf, RANDOM_VALUES } from './ids';

/** The range, and so the unit, cluster and schema, that holds a placement. */
export function rangeOfPlacement(placement: number, map: readonly ShardRange[] = SHARD_MAP): ShardRange {
  let low = 0;
  let high = map.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = map[middle] as ShardRange;
    if (placement < range.from) high = middle - 1;
    else if (placement > range.to) low = middle + 1;
    else return range;
  }
  throw new RangeError(`placement ${placement} belongs to no range of the shard map`);
}

export function rangeOf(memberId: string): ShardRange {
  return rangeOfPlacement(placementOf(memberId));
}

/** A unit that may take new records: its weight, and where its writer is now. */
export interface OpenUnit {
  readonly unit: string;
  readonly weight: number;
  readonly writer: Region;
}

/** Uniform draw of an integer in `[0, limit)`. */
export type Draw = (limit: number) => number;

/**
 * Draws the id of a new member: from the open units whose writer is in this region, else from the others, by weight.
 *
 * @param open units that are open and writable now
 * @returns undefined if no unit is open
 */
export function drawMemberId(open: readonly OpenUnit[], region: Region, nowMs: number, draw: Draw): string | undefined {
  const weighted = open.filter((unit) => unit.weight > 0);
  const local = weighted.filter((unit) => unit.writer === region);
  const unit = drawByWeight(local.length > 0 ? local : weighted, draw);
  if (unit === undefined) return undefined;
  const placement = drawPlacement(unit.unit, draw);
  return encodeMemberId({ placement, drawnAtMs: nowMs, region, layout: 0, random: draw(RANDOM_VALUES) });
}

function drawByWeight(units: readonly OpenUnit[], draw: Draw): OpenUnit | undefined {
  const total = units.reduce((sum, unit) => sum + unit.weight, 0);
  if (total === 0) return undefined;
  let position = draw(total);
  return units.find((unit) => {
    position -= unit.weight;
    return position < 0;
  });
}

function drawPlacement(unit: string, draw: Draw): number {
  const ranges = SHARD_MAP.filter((range) => range.unit === unit);
  let position = draw(ranges.reduce((sum, range) => sum + range.to - range.from + 1, 0));
  for (const range of ranges) {
    const width = range.to - range.from + 1;
    if (position < width) return range.from + position;
    position -= width;
  }
  throw new RangeError(`unit ${unit} has no placements`);
}
