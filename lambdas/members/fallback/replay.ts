import { randomUUID } from 'node:crypto';
import type { Arbiter, JournaledCommand } from '../../arbiter';
import {
  type Clock,
  epochOf,
  isInHistory,
  isoTime,
  type Log,
  lookupKeysOf,
  type MemberDocument,
  type MemberEvent,
  type MemberRow,
  unavailable,
} from '../../core';
import { rangeOf } from '../../shards';
import { eventOf } from '../changes';
import { removingKeys, type Settling, type SettlingParts, settleRow } from '../settling';
import { foldCommands, type RefusedCommand } from './fold';

/** A row that keeps changing is given up after so many readings. */
const ATTEMPTS = 5;

export interface ReplayCommandsParts extends SettlingParts {
  readonly arbiter: Pick<Arbiter, 'claims' | 'commands' | 'lost' | 'audit'>;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Brings what commands were applied to into a row that lacks it, because a failover has lost it.
   *
   * @throws where that cannot be done here
   */
  readonly settleBase: (base: MemberDocument, settling: Settling) => Promise<unknown>;
}

export interface ReplayedCommands {
  /** What the member is now; undefined where it has no row. */
  readonly document: MemberDocument | undefined;
  readonly refused: readonly RefusedCommand[];
  /** Operations of those that somebody else had replayed: whether their row took them only he knows. */
  readonly before: ReadonlySet<string>;
}

/**
 * Replays journaled commands of one member: together they become the row's next version, by the path that every write takes,
 * and leave the journal. Their operations are committed with it, so that no command is replayed twice, whoever holds which
 * of them. What is refused is listed first, so that nothing is lost if this ends half-way. It may be repeated,
 * and run by several at once.
 *
 * @param commands of one member, in their order: those that the journal has
 * @throws Problem UNAVAILABLE where the writer or the arbiter is away, or the unit is in another epoch: it has to come again
 */
export async function replayCommands(
  parts: ReplayCommandsParts,
  commands: readonly JournaledCommand[],
  settling: Settling,
): Promise<ReplayedCommands> {
  const unitName = rangeOf(commands[0]?.memberId ?? '').unit;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const replayed = await replayOnce(parts, commands, settling);
    if (replayed === undefined) continue;
    await parts.arbiter.commands.remove(unitName, commands);
    return replayed;
  }
  throw unavailable('the member changes faster than its commands can be replayed');
}

/** @returns undefined if the row, or what is decided of the commands, has changed since it was read */
async function replayOnce(
  parts: ReplayCommandsParts,
  commands: readonly JournaledCommand[],
  settling: Settling,
): Promise<ReplayedCommands | undefined> {
  const { shards, clock } = parts;
  const { unit } = settling;
  const memberId = commands[0]?.memberId ?? '';
  const row = (await shards.recovery.rows([memberId], unit.writer)).get(memberId);
  const operationIds = commands.map(({ operationId }) => operationId);
  const decided = await shards.recovery.decided(memberId, operationIds, unit.writer);
  const left = commands.filter(({ operationId }) => decided.get(operationId) !== 'committed');
  const before = new Set(operationIds.filter((id) => decided.get(id) === 'committed'));
  if (left.length === 0) return { document: row?.document, refused: [], before };
  const base = left[0]?.base;
  if (base !== undefined && !isKnown(base, row)) {
    await parts.settleBase(base, settling);
    return undefined;
  }
  if (row === undefined) {
    const refused = left.map((command): RefusedCommand => ({ command, code: 'MEMBER_NOT_FOUND' }));
    await listRefused(parts, refused);
    return { document: undefined, refused, before };
  }
  const standing = await standingClaims(parts, left);
  const { document, forks, refused } = foldCommands(row, left, {
    epoch: unit.epoch,
    nowMs: clock.nowMs(),
    stands: ({ key, generation }) => standing.has(`${generation}#${key}`),
    isGivenUp: ({ operationId }) => decided.has(operationId),
  });
  await listRefused(parts, refused);
  const [operationId = randomUUID(), ...otherOperationIds] = operationIds.filter((id) => !decided.has(id));
  const event = eventOfReplay(row, document, left, operationId);
  const next = { operationId, otherOperationIds, expected: row.document.version, document, forks, event };
  // Both regions were said to have it, and the journal is about to forget it.
  return (await settleRow(parts, next, settling, 'both')) ? { document, refused, before } : undefined;
}

function isKnown(base: MemberDocument, row: MemberRow | undefined): boolean {
  return row !== undefined && isInHistory(base.version, { version: row.document.version, forks: row.forks });
}

/** Claims of the commands that their member still has. They name the operation of their command, which decides about them. */
async function standingClaims(
  { arbiter }: ReplayCommandsParts,
  commands: readonly JournaledCommand[],
): Promise<ReadonlySet<string>> {
  const wanted = commands.flatMap(({ memberId, claims }) => claims.map((claim) => ({ ...claim, memberId })));
  if (wanted.length === 0) return new Set();
  const found = await arbiter.claims.readMany(
    wanted.map(({ key }) => key),
    { consistent: true },
  );
  const standing = wanted.filter(({ key, generation, memberId }) => {
    const claim = found.get(key);
    return claim?.generation === generation && claim.memberId === memberId && claim.state !== 'free';
  });
  return new Set(standing.map(({ key, generation }) => `${generation}#${key}`));
}

/** Keys that the member had in fallback, and its row has not, are taken off every copy that has them from there. */
function eventOfReplay(
  row: MemberRow,
  document: MemberDocument,
  commands: readonly JournaledCommand[],
  operationId: string,
): MemberEvent {
  const event = eventOf(row.document, document, { unit: rangeOf(document.memberId).unit, operationId });
  const seen = commands.flatMap((command) => [command.document, ...(command.base === undefined ? [] : [command.base])]);
  return removingKeys(event, seen.flatMap(lookupKeysOf));
}

/** Lists what was accepted and cannot be done any more, with all that is needed to decide about it. */
async function listRefused(
  { arbiter, clock, log }: ReplayCommandsParts,
  refused: readonly RefusedCommand[],
): Promise<void> {
  for (const { command, code } of refused) {
    const { memberId, version, operationId } = command;
    const { unit } = rangeOf(memberId);
    log.error('a command that was accepted in fallback is refused; it is listed', { memberId, version, code });
    await arbiter.lost.put(unit, {
      memberId,
      epoch: epochOf(version),
      version,
      field: `*:${operationId}`,
      value: command.command,
      kept: null,
      base: null,
      reason: `accepted in fallback, refused by the row: ${code}`,
      operationId,
      listedAt: isoTime(clock.nowMs()),
    });
    await arbiter.audit.append(
      {
        subject: `unit/${unit}`,
        actor: 'fallback',
        action: `listed a command on member ${memberId} that was accepted in fallback and is refused now`,
        outcome: 'noted',
        reason: `${code}; the command is listed under reconcile#${unit}`,
        detail: { memberId, version, code },
      },
      { atMs: command.atMs, name: `${memberId}#${version}` },
    );
  }
}
