import type { Arbiter, ClaimMove } from '../../arbiter';
import { holdsClaim, type Settling } from '../../members';
import { inParallel } from '../in-parallel';
import { dropClaim, type ReconcileParts } from '../reconcile';
import type { ReplayParts, Run } from './parts';

const MINUTE_MS = 60_000;
/** So many rows are held at once for each minute that is looked at. */
const MOVES_AT_ONCE = 500;

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
  const dropped = await inParallel(minutes, async (atMs) => {
    const moves = await parts.arbiter.journal.moves(unitName, atMs);
    let droppedThen = 0;
    for (let from = 0; from < moves.length; from += MOVES_AT_ONCE) {
      droppedThen += await dropSome(parts, settling, moves.slice(from, from + MOVES_AT_ONCE));
    }
    return droppedThen;
  });
  return dropped.reduce((sum, one) => sum + one, 0);
}

async function dropSome(parts: MoveParts, settling: Settling, moves: readonly ClaimMove[]): Promise<number> {
  const memberIds = [...new Set(moves.map(({ memberId }) => memberId))];
  const rows = await parts.shards.recovery.rows(memberIds, settling.unit.writer);
  let dropped = 0;
  await inParallel(memberIds, async (memberId) => {
    // One after another: each is a version of the same row.
    for (const move of moves.filter((one) => one.memberId === memberId)) {
      if (!holdsClaim(rows.get(memberId)?.document, move) || (await stillNames(parts, move))) continue;
      if (await dropClaim(parts, settling, memberId, move)) dropped += 1;
    }
  });
  return dropped;
}

/** A move is noted before it is made, and whoever noted it may have ended in between. */
async function stillNames({ arbiter }: MoveParts, { key, memberId, generation }: ClaimMove): Promise<boolean> {
  const claim = await arbiter.claims.read(key, { consistent: true });
  return claim?.memberId === memberId && claim.generation === generation && claim.state !== 'free';
}
