import type { Region } from '../../topology';
import type { Arbiter } from '../arbiter';
import type { Clock, Log } from '../core';
import type { Snapshot } from '../switches';
import type { Claims } from './claims';

/** The index is only eventually consistent, and a claim that just ran out may yet be finished by its own operation. */
const GRACE_MS = 5000;
const CLAIMS_AT_ONCE = 200;

/**
 * Brings forgotten pending claims to their end, for members whose writer stands in this region.
 *
 * @returns how many came to an end
 */
export async function sweepClaims(
  parts: { arbiter: Arbiter; claims: Claims; region: Region; clock: Clock; log: Log },
  snapshot: Snapshot,
): Promise<number> {
  // Rows judge claims only in mode `database`: those of any other unit would take the place of what can be finished.
  const here = Object.entries(snapshot.units)
    .filter(([, { writer, mode }]) => writer === parts.region && mode === 'database')
    .map(([unit]) => unit);
  if (here.length === 0) return 0;
  const overdue = await parts.arbiter.claims.overdue(parts.clock.nowMs() - GRACE_MS, CLAIMS_AT_ONCE, here);
  let ended = 0;
  for (const claim of overdue) {
    try {
      if (await parts.claims.finish(claim)) ended += 1;
    } catch (error) {
      parts.log.warn('a forgotten claim could not be finished; the next sweep tries again', { error: error as Error });
    }
  }
  return ended;
}
