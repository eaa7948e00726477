import type { Region } from '../../topology';
import { type Arbiter, COMMAND_SLICES, type JournaledCommand, type UnitDecision } from '../arbiter';
import type { MemberDocument } from '../core';
import { replayCommands, type Settling } from '../members';
import type { Snapshot } from '../switches';
import { inParallel } from './in-parallel';
import { type ReconcileParts, settleCandidate } from './reconcile';

export interface DrainParts extends Omit<ReconcileParts, 'arbiter'> {
  readonly arbiter: Pick<Arbiter, 'claims' | 'commands' | 'lost' | 'audit' | 'replays'>;
}

/** What this run of a drain has done; commands that an earlier one had replayed are not told again. */
export interface DrainReport {
  readonly members: number;
  readonly commands: number;
  /** Commands that were accepted in fallback and that their rows do not take: they are listed. */
  readonly refused: number;
}

const NOTHING: DrainReport = { members: 0, commands: 0, refused: 0 };

/**
 * Replays what was journaled in fallback, between the raising of the fence and the first lease of a new epoch, until the
 * journal is empty. Whoever puts a command after it was looked at finds that the epoch has passed. It may be killed anywhere
 * and run again, and two may run at once.
 *
 * @throws Problem UNAVAILABLE where the writer or the arbiter is away, or the unit is in another epoch by now
 */
export function createDrain(parts: DrainParts): (unitName: string, decision: UnitDecision) => Promise<DrainReport> {
  return async (unitName, { epoch, writer, mode }) => {
    const settling = { unit: { epoch, writer, mode }, needsLease: false };
    let report = NOTHING;
    for (;;) {
      let round = NOTHING;
      for (let slice = 0; slice < COMMAND_SLICES; slice += 1) {
        round = sum(round, await drainSlice(parts, unitName, slice, settling));
      }
      if (round.commands === 0) return report;
      report = sum(report, round);
    }
  };
}

/** Replays what is left of one slice of a unit's journal, member by member. */
export async function drainSlice(
  parts: DrainParts,
  unitName: string,
  slice: number,
  settling: Settling,
): Promise<DrainReport> {
  const settleBase = (document: MemberDocument, under: Settling) => settleCandidate(parts, { document }, under);
  const members = byMember(await parts.arbiter.commands.ofSlice(unitName, slice));
  const replayed = await inParallel(members, (commands) =>
    replayCommands({ ...parts, settleBase }, commands, settling),
  );
  return {
    members: members.length,
    commands: members.flat().length,
    refused: replayed.flatMap(({ refused }) => refused).length,
  };
}

/** Any spreading will do: each slice is looked at in its turn, whoever looks. */
const SLICE_MS = 10_000;

/**
 * Replays commands that were put after the drain had looked, for units whose writer stands in this region; nobody was told
 * that they were accepted.
 *
 * @returns how many there were
 */
export async function sweepCommands(parts: DrainParts, region: Region, snapshot: Snapshot): Promise<number> {
  const slice = Math.floor(parts.clock.nowMs() / SLICE_MS) % COMMAND_SLICES;
  let swept = 0;
  for (const [name, unit] of Object.entries(snapshot.units)) {
    if (unit.writer !== region || unit.mode !== 'database') continue;
    swept += (await drainSlice(parts, name, slice, { unit, needsLease: true })).commands;
  }
  return swept;
}

function byMember(commands: readonly JournaledCommand[]): JournaledCommand[][] {
  const members = new Map<string, JournaledCommand[]>();
  for (const command of commands) members.set(command.memberId, [...(members.get(command.memberId) ?? []), command]);
  return [...members.values()];
}

function sum(one: DrainReport, other: DrainReport): DrainReport {
  return {
    members: one.members + other.members,
    commands: one.commands + other.commands,
    refused: one.refused + other.refused,
  };
}
