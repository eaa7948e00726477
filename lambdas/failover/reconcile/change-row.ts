import { randomUUID } from 'node:crypto';
import {
  type ClaimReference,
  type Fields,
  fieldsOf,
  forksAfter,
  isInHistory,
  isoTime,
  type MemberDocument,
  type MemberRow,
  nextVersion,
  unavailable,
  type Version,
} from '../../core';
import { eventOf, holdsClaim, type Settling, settleRow } from '../../members';
import { rangeOf } from '../../shards';
import type { ReconcileParts } from './apply';
import { claimOfField, documentOf } from './next-row';

const ATTEMPTS = 3;

type Parts = Omit<ReconcileParts, 'arbiter'>;

/**
 * Makes a row lead a version that some copy has and that cannot be taken over: its contents become its next version, so
 * that every copy follows.
 *
 * @returns whether it had to
 */
export function leadRow(parts: Parts, settling: Settling, memberId: string, version: Version): Promise<boolean> {
  return change(parts, settling, memberId, ({ document, forks }) =>
    isInHistory(version, { version: document.version, forks })
      ? undefined
      : { fields: fieldsOf(document), above: Math.max(version, document.version) },
  );
}

/** Takes a binding or a unique key off a row whose claim has moved on. @returns whether the row had it */
export function dropClaim(parts: Parts, settling: Settling, memberId: string, claim: ClaimReference): Promise<boolean> {
  return change(parts, settling, memberId, ({ document }) => {
    if (!holdsClaim(document, claim)) return undefined;
    const rests = (field: string) => claimOfField(field, document)?.key === claim.key;
    const fields = new Map([...fieldsOf(document)].filter(([field]) => !rests(field)));
    return { fields, above: document.version };
  });
}

interface Next {
  readonly fields: Fields;
  /** Below the next version. */
  readonly above: Version;
}

async function change(
  parts: Parts,
  settling: Settling,
  memberId: string,
  nextOf: (row: MemberRow) => Next | undefined,
): Promise<boolean> {
  const { unit } = settling;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const row = (await parts.shards.recovery.rows([memberId], unit.writer)).get(memberId);
    const next = row === undefined ? undefined : nextOf(row);
    if (row === undefined || next === undefined) return false;
    const version = nextVersion(next.above, unit.epoch);
    const document = documentOf(next.fields, [row.document], { version, now: isoTime(parts.clock.nowMs()) });
    if (await write(parts, settling, row, document)) return true;
  }
  throw unavailable('a row changes faster than it can be made to lead');
}

function write(parts: Parts, settling: Settling, row: MemberRow, document: MemberDocument): Promise<boolean> {
  const operationId = randomUUID();
  const { unit } = rangeOf(document.memberId);
  const next = {
    operationId,
    expected: row.document.version,
    document,
    forks: forksAfter(row, document),
    event: eventOf(row.document, document, { unit, operationId }),
  };
  return settleRow(parts, next, settling);
}
