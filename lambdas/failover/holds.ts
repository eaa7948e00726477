import { REGIONS, type Region } from '../../topology';
import type { MoveAnswer } from '../cache';

/** How far beyond the writer's clock of a moment ago a lease that is granted by hand runs. */
export const HOLD_MS = 6000;
/** Of that moment: no longer than this after the caches began to be asked, so that they remember a hold for longer than its lease runs. */
export const HOLD_WITHIN_MS = 1500;
/** A run that can tell no cache waits so long: until then every confirmation is gone that a hold needs, and the hold with it. */
export const UNTOLD_WAIT_MS = 20_000;

/**
 * Whether no lease that was granted by hand may still be alive, where all others are over. A hold needs both caches, and
 * takes none that was told of a move; so one cache that was told, and knows of no hold, is enough.
 *
 * @param answers of the caches that were told of the move just now; undefined where one did not answer
 * @param untoldForMs how long no cache has been told, though it was tried all the time
 */
export function isFreeOfHolds(answers: Readonly<Record<Region, MoveAnswer | undefined>>, untoldForMs: number): boolean {
  const answered = REGIONS.flatMap((region) => answers[region] ?? []);
  return answered.length === 0 ? untoldForMs >= UNTOLD_WAIT_MS : answered.includes('free');
}

/** Whether a lease may be granted by hand that runs from a reading of the writer's clock, by what both caches answered. */
export function mayHold(answers: Readonly<Record<Region, string | undefined>>, askedForMs: number): boolean {
  return REGIONS.every((region) => answers[region] === 'held') && askedForMs <= HOLD_WITHIN_MS;
}
