import { REGIONS, type Region } from '../../../topology';
import type { Limit } from './limit';

/**
 * What a region counts of a limit: its half, in whole calls, of which the first region has the larger; all of it where the
 * other region serves nobody. Whatever the regions know of each other, their shares are together the limit.
 *
 * @returns undefined where nothing is left for it
 */
export function shareOf(limit: Limit, region: Region, isAlone: boolean): Limit | undefined {
  if (isAlone) return limit;
  const half = limit.calls / 2;
  const calls = region === REGIONS[0] ? Math.ceil(half) : Math.floor(half);
  return calls === 0 ? undefined : { ...limit, calls };
}

/**
 * What one of so many environments counts by itself while the store of its region is away: its part of the region's share,
 * a call at once at least. In whole calls, so that the parts are together never more than the share, but for that one call each.
 */
export function partOf(share: Limit, environments: number): Limit {
  const calls = Math.floor(share.calls / environments);
  if (calls >= 1) return { ...share, calls };
  return { ...share, calls: 1, windowUs: Math.ceil((share.windowUs * environments) / share.calls) };
}
