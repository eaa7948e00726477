import { PLACEMENTS, REGIONS, type Region } from '../../topology';
import type { IdRange } from '../core';

/**
 * A member's id is 63 bits: `placement 12 | milliseconds since 2025-01-01 40 | region 1 | layout 1 | random 9`.
 * The placement stands in the high bits, so that a placement is one contiguous range of the primary key.
 */
export interface MemberIdParts {
  readonly placement: number;
  /** Milliseconds since 1970 in UTC at which the id was drawn. */
  readonly drawnAtMs: number;
  /** Region that drew it. */
  readonly region: Region;
  /** Which reading of the bits applies; 0 is this one. */
  readonly layout: number;
  readonly random: number;
}

const EPOCH_MS = Date.UTC(2025, 0, 1);
const RANDOM_BITS = 9n;
const LAYOUT_SHIFT = RANDOM_BITS;
const REGION_SHIFT = LAYOUT_SHIFT + 1n;
const TIME_SHIFT = REGION_SHIFT + 1n;
const PLACEMENT_SHIFT = TIME_SHIFT + 40n;
const TIME_LIMIT = 2 ** 40;

export const RANDOM_VALUES = 2 ** Number(RANDOM_BITS);
const MAX_ID = 2n ** 63n - 1n;

/** @throws RangeError if a part does not fit its bits (the clock of this machine is before 2025 or after 2059) */
export function encodeMemberId(parts: MemberIdParts): string {
  const time = parts.drawnAtMs - EPOCH_MS;
  requireRange('placement', parts.placement, PLACEMENTS);
  requireRange('time', time, TIME_LIMIT);
  requireRange('layout', parts.layout, 2);
  requireRange('random', parts.random, RANDOM_VALUES);
  const bits =
    (BigInt(parts.placement) << PLACEMENT_SHIFT) |
    (BigInt(time) << TIME_SHIFT) |
    (BigInt(REGIONS.indexOf(parts.region)) << REGION_SHIFT) |
    (BigInt(parts.layout) << LAYOUT_SHIFT) |
    BigInt(parts.random);
  return bits.toString();
}

/** @throws RangeError if the text is not a decimal number of 63 bits */
export function decodeMemberId(memberId: string): MemberIdParts {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(memberId)) throw new RangeError('a member id is a decimal number');
  const bits = BigInt(memberId);
  if (bits > MAX_ID) throw new RangeError('a member id has 63 bits');
  return {
    placement: Number(bits >> PLACEMENT_SHIFT),
    drawnAtMs: Number((bits >> TIME_SHIFT) & BigInt(TIME_LIMIT - 1)) + EPOCH_MS,
    region: (bits >> REGION_SHIFT) & 1n ? 'B' : 'A',
    layout: Number((bits >> LAYOUT_SHIFT) & 1n),
    random: Number(bits & BigInt(RANDOM_VALUES - 1)),
  };
}

export function placementOf(memberId: string): number {
  return Number(BigInt(memberId) >> PLACEMENT_SHIFT);
}

/** Ids of the placements from `from` to `to`, both among them. */
export function idsOfPlacements(from: number, to: number): IdRange {
  return { first: BigInt(from) << PLACEMENT_SHIFT, last: (BigInt(to + 1) << PLACEMENT_SHIFT) - 1n };
}

function requireRange(name: string, value: number, limit: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= limit) {
    throw new RangeError(`${name} of a member id must be an integer from 0 to ${limit - 1}`);
  }
}
