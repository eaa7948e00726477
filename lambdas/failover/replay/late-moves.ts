import type { Region } from '../../../topology';
import type { Snapshot, UnitState } from '../../switches';
import { dropMovedIn, type MoveParts } from './moves';
import type { ReplayParts } from './parts';
import type { Progress } from './progress';

const MINUTE_MS = 60_000;
/** So long after a replay has begun. Whoever sleeps for longer between the note of a move and the move is not reckoned with. */
const LOOKS_AFTER_MS: readonly number[] = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS];

export interface LateMoveParts extends MoveParts {
  readonly arbiter: Pick<ReplayParts['arbiter'], 'claims' | 'journal' | 'replays'>;
}

/**
 * Moves of claims that a replay could not see: whoever noted one and slept through the failover made it when the replay had
 * found that the claim had not moved, and could not take the binding off the row, because the unit took no writes yet. They are
 * looked for a few times while the unit is open again.
 */
export class LateMoves {
  readonly #parts: LateMoveParts;
  /** By unit: how many looks are behind an epoch. */
  readonly #done = new Map<string, { readonly epoch: number; readonly looks: number }>();

  constructor(parts: LateMoveParts) {
    this.#parts = parts;
  }

  /**
   * For units whose writer stands in this region. One that fails keeps no other one waiting, and is looked at again.
   *
   * @returns how many bindings were taken off their rows
   * @throws Problem UNAVAILABLE where a writer or the arbiter is away
   */
  async sweep(region: Region, { units }: Snapshot): Promise<number> {
    let dropped = 0;
    const failures: unknown[] = [];
    for (const [name, unit] of Object.entries(units)) {
      if (unit.writer !== region || unit.mode !== 'database') continue;
      try {
        dropped += await this.#look(name, unit);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return dropped;
  }

  async #look(name: string, unit: UnitState): Promise<number> {
    const done = this.#done.get(name);
    const looks = done?.epoch === unit.epoch ? done.looks : 0;
    if (looks === LOOKS_AFTER_MS.length) return 0;
    const progress = (await this.#parts.arbiter.replays.load(name, unit.epoch)) as Progress | undefined;
    if (progress === undefined) return 0;
    const nowMs = this.#parts.clock.nowMs();
    const due = LOOKS_AFTER_MS.filter((afterMs) => progress.beganMs + afterMs <= nowMs).length;
    if (looks >= due) return 0;
    // One that was noted long before the replay began was made by then.
    const sinceMs = progress.beganMs - MINUTE_MS;
    const untilMs = Math.min(nowMs, progress.beganMs + Math.max(...LOOKS_AFTER_MS));
    const dropped = await dropMovedIn(this.#parts, name, { unit, needsLease: true }, { sinceMs, untilMs });
    this.#done.set(name, { epoch: unit.epoch, looks: due });
    return dropped;
  }
}
