import { otherRegion, type Region } from '../../../topology';
import type { UnitDecision } from '../../arbiter';
import { lagMs } from './memory';
import { type Act, pauseAfter, standing, type View } from './view';

/** Looks in a row without a word of a region after which its units go, although their writers are still reached. */
export const FORSAKEN_AFTER_LOOKS = 8;

/**
 * A unit moves when no region has reached its writer for as long as that may be brought back where it stands, or when the
 * writer's region is fenced, or has been silent for so long that nobody renews its lease; and only to a side that answers
 * and serves. It never moves back because it would be at home there.
 */
export function planUnit(view: View, name: string): readonly Act[] {
  const { region, memory, units } = view;
  const unit = units.find((decision) => decision.unit === name);
  if (unit === undefined) return [];
  const from = unit.writer;
  const to = otherRegion(from);
  if (to !== region) return [];
  const { isWell: isReached } = standing(memory, `database/${name}/${from}`);
  if (isStranded(unit, isReached)) {
    const because = `the writer of ${name} was lost while it was on its way as planned`;
    return [{ kind: 'move', unit: name, to, because }];
  }
  const reason = unit.mode === 'database' ? reasonToLeave(view, unit, isReached) : undefined;
  if (reason === undefined) return [];
  const subject = `unit/${name}`;
  const against = reasonToStay(view, unit, { isReached, because: reason });
  if (against !== undefined) return [{ kind: 'hold-back', subject, because: against }];
  const loss = lossBeyondBound(view, name, to);
  if (loss !== undefined) return [{ kind: 'hold-back', subject, because: `${reason}, but ${loss}`, needsPeople: true }];
  return [{ kind: 'move', unit: name, to, because: reason }];
}

/** A planned move needs its old writer until the new one is promoted: without it the unit has to be taken over. */
function isStranded({ transition }: UnitDecision, isReached: boolean): boolean {
  const isPlanned = transition?.kind === 'switchover' && transition.mode === 'database';
  return isPlanned && (transition.step === 'silence' || transition.step === 'promote') && !isReached;
}

function reasonToLeave(view: View, { unit, writer }: UnitDecision, isReached: boolean): string | undefined {
  if (!isReached) return `no region reaches the writer of ${unit} in region ${writer}`;
  if (isFenced(view, writer)) return `region ${writer} is fenced: nobody there writes ${unit}`;
  if (isSilent(view, writer)) return `region ${writer} is silent: nobody there renews the lease of ${unit}`;
  return undefined;
}

/** Why a unit has to wait where it is, or for people, although there is a reason to leave. */
function reasonToStay(
  view: View,
  { unit, writer }: UnitDecision,
  { isReached, because }: { readonly isReached: boolean; readonly because: string },
): string | undefined {
  const { memory, nowMs, writerPatienceMs } = view;
  const to = otherRegion(writer);
  const { fellAtMs } = standing(memory, `database/${unit}/${writer}`);
  const isAwaited = !isReached && !isSilent(view, writer) && !isFenced(view, writer);
  if (isAwaited && Math.abs(nowMs - (fellAtMs.at(-1) ?? 0)) < writerPatienceMs) {
    return `${because}: it is given ${writerPatienceMs / 1000} s to come back where it stands`;
  }
  if (!standing(memory, `database/${unit}/${to}`).isWell) return `${because}, nor its replica in region ${to}`;
  if (isFenced(view, to)) return `${because}, but region ${to} is fenced`;
  // Nothing is lost by waiting for a writer that can still be reached; what moves to and fro serves nobody.
  const pause = isReached ? pauseAfter(memory.writers[unit]?.movedAtMs ?? [], nowMs, 'moved') : undefined;
  return pause === undefined ? undefined : `${because}, but ${pause}`;
}

/**
 * What a move could lose, where that is more than the system may give up by itself. The figure is the largest double of
 * the bound that holds, so that the audit does not tell each second of a copy that catches up.
 */
function lossBeyondBound({ memory, promotableLagMs }: View, unit: string, to: Region): string | undefined {
  const behindMs = lagMs(memory, unit);
  if (behindMs === undefined || behindMs <= promotableLagMs) return undefined;
  let atLeastMs = promotableLagMs;
  while (atLeastMs > 0 && 2 * atLeastMs < behindMs) atLeastMs *= 2;
  return `its copy in region ${to} is more than ${atLeastMs / 1000} s behind, and what it lacks could be lost: wait for the copy, or move it by hand`;
}

function isSilent({ memory }: View, region: Region): boolean {
  return memory.heard[region].silentLooks >= FORSAKEN_AFTER_LOOKS;
}

function isFenced({ switches }: View, region: Region): boolean {
  return switches[`regions/${region}`]?.value === 'fenced';
}
