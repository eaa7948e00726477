import type { DomainName } from '../../../topology';
import type { UnitDecision } from '../../arbiter';
import { isoTime } from '../../core';
import { Absences } from './absences';
import { compareDomains } from './compare';
import { copyInFlight, enterUndecided } from './in-flight';
import { dropMoved } from './moves';
import type { ReplayParts, Run } from './parts';
import { type Counts, NOTHING_YET, ProgressLog } from './progress';
import { republish } from './republish';

export type { ReplayParts } from './parts';

/** Clocks of two databases and of functions may differ by so much. */
const CLOCKS_MS = 60_000;

/** A writer that was silent for longer left nothing that is still under way: as long as forks are kept. */
const MOST_BEHIND_MS = 15 * 24 * 3_600_000;

/** What a replay found, over all runs that it took. */
export interface ReplayReport extends Counts {
  readonly unit: string;
  readonly epoch: number;
  /** From when on copies were compared, ISO 8601. */
  readonly since: string;
  readonly inFlight: 'copied' | 'unknown';
  /** Domains that it went on without; each is to be compared with all rows instead. */
  readonly unreachable: readonly DomainName[];
}

/**
 * Brings together what a lost writer has left behind, between the raising of the fence and the first lease of a new epoch.
 * It may be killed anywhere and run again, and two may run at once.
 *
 * @throws Problem UNAVAILABLE where the promoted writer or the arbiter is away, a search domain has been for less than it is
 * waited for, or the unit is in another epoch by now
 */
export function createReplay(parts: ReplayParts): (unitName: string, decision: UnitDecision) => Promise<ReplayReport> {
  const absences = new Absences(parts.clock);
  return async (unitName, { epoch, writer, mode }) => {
    const unit = { epoch, writer, mode };
    const progress = await ProgressLog.open(parts.arbiter.replays, { unit: unitName, epoch }, async () => {
      const nowMs = parts.clock.nowMs();
      const ageMs = Math.min(MOST_BEHIND_MS, await parts.shards.recovery.heartbeatAgeMs(unitName, writer));
      const sinceMs = Math.floor(nowMs - ageMs - CLOCKS_MS);
      const nothing = { inFlight: undefined, domains: {}, areMovesRead: false, republished: {}, counts: NOTHING_YET };
      return { sinceMs, beganMs: nowMs, ...nothing };
    });
    const run: Run = { unitName, unit, progress, absences };
    await copyInFlight(parts, run);
    await compareDomains(parts, run);
    await dropMoved(parts, run);
    await republish(parts, run);
    // Last, because their time begins now.
    await enterUndecided(parts, run);
    await progress.save({});
    return reportOf(run);
  };
}

function reportOf({ unitName, unit, progress }: Run): ReplayReport {
  const { sinceMs, inFlight, domains, counts } = progress.now;
  return {
    unit: unitName,
    epoch: unit.epoch,
    since: isoTime(sinceMs),
    inFlight: inFlight ?? 'unknown',
    unreachable: Object.entries(domains).flatMap(([name, state]) =>
      state === 'unreachable' ? name : [],
    ) as DomainName[],
    ...counts,
  };
}
