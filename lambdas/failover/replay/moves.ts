import type { ClaimMove } from '../../arbiter';
import { holdsClaim } from '../../members';
import { inParallel } from '../in-parallel';
import { dropClaim } from '../reconcile';
import type { ReplayParts, Run } from './parts';

const MINUTE_MS = 60_000;

/**
 * Takes from the promoted rows every binding whose claim was freed or taken over when that could still be lost: the
 * unbinding that allowed it may have been.
 */
export async function dropMoved(parts: ReplayParts, run: Run): Promise<void> {
  const { unitName, unit, progress } = run;
  if (progress.now.areMovesRead) return;
  const minutes: number[] = [];
  for (let atMs = progress.now.sinceMs; atMs < parts.clock.nowMs() + MINUTE_MS; atMs += MINUTE_MS) minutes.push(atMs);
  const moves = (await inParallel(minutes, (atMs) => parts.arbiter.journal.moves(unitName, atMs))).flat();
  const rows = await parts.shards.recovery.rows([...new Set(moves.map(({ memberId }) => memberId))], unit.writer);
  const held = moves.filter((move) => holdsClaim(rows.get(move.memberId)?.document, move));
  const dropped = await inParallel(held, async (move) => {
    if (await stillNames(parts, move)) return false;
    return dropClaim(parts, { unit, needsLease: false }, move.memberId, move);
  });
  progress.count({ dropped: dropped.filter(Boolean).length });
  await progress.save({ areMovesRead: true });
}

/** A move is noted before it is made, and whoever noted it may have ended in between. */
async function stillNames({ arbiter }: ReplayParts, { key, memberId, generation }: ClaimMove): Promise<boolean> {
  const claim = await arbiter.claims.read(key, { consistent: true });
  return claim?.memberId === memberId && claim.generation === generation && claim.state !== 'free';
}
