import type { Arbiter, ClaimMove } from '../../arbiter';
import { holdsClaim, type Settling } from '../../members';
import { inParallel } from '../in-parallel';
import { dropClaim, type ReconcileParts } from '../reconcile';
import type { ReplayParts, Run } from './parts';

const MINUTE_MS = 60_000;

export interface MoveParts extends Omit<ReconcileParts, 'arbiter'> {
  readonly arbiter: Pick<Arbiter, 'claims' | 'journal'>;
}

/**
 * Takes from the promoted rows every binding whose claim was freed or taken over when that could still be lost: the
 * unbinding that allowed it may have been.
 */
export async function dropMoved(parts: ReplayParts, run: Run): Promise<void> {
  const { unitName, unit, progress } = run;
  if (progress.now.areMovesRead) return;
  const noted = { sinceMs: progress.now.sinceMs, untilMs: parts.clock.nowMs() };
  const dropped = await dropMovedIn(parts, unitName, { unit, needsLease: false }, noted);
  progress.count({ dropped });
  await progress.save({ areMovesRead: true });
}

/**
 * Takes bindings off their rows whose claims have moved, of the moves that were noted in these minutes.
 *
 * @returns how many
 */
export async function dropMovedIn(
  parts: MoveParts,
  unitName: string,
  settling: Settling,
  { sinceMs, untilMs }: { sinceMs: number; untilMs: number },
): Promise<number> {
  const minutes: number[] = [];
  for (let atMs = sinceMs; atMs < untilMs + MINUTE_MS; atMs += MINUTE_MS) minutes.push(atMs);
  const moves = (await inParallel(minutes, (atMs) => parts.arbiter.journal.moves(unitName, atMs))).flat();
  const memberIds = [...new Set(moves.map(({ memberId }) => memberId))];
  if (memberIds.length === 0) return 0;
  const rows = await parts.shards.recovery.rows(memberIds, settling.unit.writer);
  const held = moves.filter((move) => holdsClaim(rows.get(move.memberId)?.document, move));
  const dropped = await inParallel(held, async (move) => {
    if (await stillNames(parts, move)) return false;
    return dropClaim(parts, settling, move.memberId, move);
  });
  return dropped.filter(Boolean).length;
}

/** A move is noted before it is made, and whoever noted it may have ended in between. */
async function stillNames({ arbiter }: MoveParts, { key, memberId, generation }: ClaimMove): Promise<boolean> {
  const claim = await arbiter.claims.read(key, { consistent: true });
  return claim?.memberId === memberId && claim.generation === generation && claim.state !== 'free';
}
