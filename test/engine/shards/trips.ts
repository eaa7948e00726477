import { randomInt, randomUUID } from 'node:crypto';
import { type MemberDocument, type MemberEvent, versionOf } from '../../../lambdas/core';
import { encodeMemberId, rangeOf, type WriteTrip } from '../../../lambdas/shards';
import { type Database, EPOCH } from './database';

/** Of unit `a1`; always of the same schema if a placement is given. */
export function newId(placement = randomInt(2048)): string {
  return encodeMemberId({
    placement,
    drawnAtMs: Date.UTC(2026, 0, 1) + randomInt(1e9),
    region: 'A',
    layout: 0,
    random: randomInt(512),
  });
}

export function documentOf(memberId: string, counter: number): MemberDocument {
  return {
    memberId,
    version: versionOf(EPOCH, counter),
    status: 'active',
    profile: { name: 'Zoë "Q" O\'Neil \\ 王' },
    accounts: [],
    registeredAt: '2026-01-02T03:04:05.678Z',
    updatedAt: '2026-01-02T03:04:05.678Z',
  };
}

export function tripOf(document: MemberDocument, change: Partial<WriteTrip> = {}): WriteTrip {
  const operationId = change.operationId ?? randomUUID();
  const event: MemberEvent = {
    memberId: document.memberId,
    unit: 'a1',
    version: document.version,
    operationId,
    document,
    changed: ['*'],
    removedKeys: [],
    heldClaims: [],
    freedClaims: [],
  };
  return {
    range: rangeOf(document.memberId),
    epoch: EPOCH,
    operationId,
    expected: undefined,
    document,
    forks: '[]',
    event,
    ...change,
  };
}

/** How many rows of a trip there are. */
export async function footprint(database: Database, memberId: string, operationId: string) {
  const { schema } = rangeOf(memberId);
  const count = async (table: string, where: string) =>
    Number((await database.query(`SELECT COUNT(*) AS n FROM ${schema}.${table} WHERE ${where}`))[0]?.n);
  return {
    member: await count('member', `member_id = ${memberId}`),
    outbox: await count('outbox', `member_id = ${memberId}`),
    operation: await count('operation', `operation_id = '${operationId}'`),
  };
}

export const NOTHING = { member: 0, outbox: 0, operation: 0 };
export const WHOLE = { member: 1, outbox: 1, operation: 1 };
