import { randomUUID } from 'node:crypto';
import {
  type ClaimReference,
  fieldsOf,
  forksAfter,
  isoTime,
  type MemberDocument,
  type MemberRow,
  nextVersion,
  unavailable,
  type Version,
} from '../../core';
import { eventOf, holdsClaim } from '../../members';
import { rangeOf } from '../../shards';
import type { UnitState } from '../../switches';
import { claimOfField, documentOf } from '../reconcile';
import type { ReplayParts } from './parts';

const TRIP_TIMEOUT_MS = 3000;
const ATTEMPTS = 3;

/** Makes a row lead a version that some copy has and that cannot be taken over. @returns whether it had to */
export function followRow(parts: ReplayParts, unit: UnitState, memberId: string, version: Version): Promise<boolean> {
  return change(parts, unit, memberId, ({ document }) => (document.version < version ? fieldsOf(document) : undefined));
}

/** Takes a binding or a unique key off a row whose claim has moved on. @returns whether the row had it */
export function dropClaim(
  parts: ReplayParts,
  unit: UnitState,
  memberId: string,
  claim: ClaimReference,
): Promise<boolean> {
  return change(parts, unit, memberId, ({ document }) => {
    if (!holdsClaim(document, claim)) return undefined;
    const rests = (field: string) => claimOfField(field, document)?.key === claim.key;
    return new Map([...fieldsOf(document)].filter(([field]) => !rests(field)));
  });
}

async function change(
  parts: ReplayParts,
  unit: UnitState,
  memberId: string,
  next: (row: MemberRow) => ReturnType<typeof fieldsOf> | undefined,
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const row = (await parts.shards.recovery.rows([memberId], unit.writer)).get(memberId);
    const fields = row === undefined ? undefined : next(row);
    if (row === undefined || fields === undefined) return false;
    const version = nextVersion(row.document.version, unit.epoch);
    const document = documentOf(fields, [row.document], { version, now: isoTime(parts.clock.nowMs()) });
    if (await write(parts, unit, row, document)) return true;
  }
  throw unavailable('a row changes while nobody may write it');
}

async function write(parts: ReplayParts, unit: UnitState, row: MemberRow, document: MemberDocument): Promise<boolean> {
  const range = rangeOf(document.memberId);
  const operationId = randomUUID();
  const event = eventOf(row.document, document, { unit: range.unit, operationId });
  const trip = {
    range,
    epoch: unit.epoch,
    operationId,
    expected: row.document.version,
    document,
    forks: JSON.stringify(forksAfter(row, document)),
    event,
  };
  const outcome = await parts.shards.members.settle(trip, false, unit.writer, TRIP_TIMEOUT_MS);
  if (outcome.kind === 'version-lost') return false;
  if (outcome.kind !== 'committed') throw unavailable(`the promoted writer did not take a row: ${outcome.kind}`);
  await parts.announcer.announce(event, unit, operationId, 'one');
  return true;
}
