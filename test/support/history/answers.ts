import { accountText, type CallKind, isRead, type Operation } from './calls';
import { readingsOf, versionRead } from './readings';
import type { Registrations } from './registrations';
import { type Violation, violation } from './violation';

const MEMBER_GONE = ['MEMBER_NOT_FOUND', 'MEMBER_CLOSED'];
const NOT_NOW = ['UNAVAILABLE', 'SHED', 'STOPPED'];
const WRITE = [...MEMBER_GONE, ...NOT_NOW, 'VERSION_MISMATCH', 'UNDECIDED'];

const EXPECTED: Readonly<Record<CallKind, readonly string[]>> = {
  register: [...NOT_NOW, 'ACCOUNT_BOUND', 'IDEMPOTENCY_IN_PROGRESS', 'IDEMPOTENCY_MISMATCH'],
  patch: WRITE,
  bind: [...WRITE, 'ACCOUNT_BOUND', 'IDEMPOTENCY_IN_PROGRESS', 'INVALID_REQUEST'],
  unbind: WRITE,
  close: WRITE,
  get: [...NOT_NOW, ...MEMBER_GONE],
  batch: NOT_NOW,
  find: [...NOT_NOW, 'NOT_BOUND'],
};

/** What each answer must be whatever else happened. */
export function checkAnswers(operations: readonly Operation[], registrations: Registrations): Violation[] {
  return [
    ...operations.flatMap(unexpected),
    ...operations.flatMap(belowToken),
    ...operations.flatMap(foundWithoutAccount),
    ...severalDocuments(operations),
    ...severalMembers(registrations),
  ];
}

function unexpected(operation: Operation): Violation[] {
  const { call, outcome } = operation;
  if (outcome.kind === 'ok') return [];
  const isExpected =
    outcome.kind === 'refused' ? EXPECTED[call.kind].includes(outcome.code) : (outcome.status ?? 503) === 503;
  return isExpected
    ? []
    : [violation('expected answers', call.kind, 'this answer is not one of the call', [operation])];
}

function belowToken(operation: Operation): Violation[] {
  const { call, outcome } = operation;
  if (!('minVersion' in call) || call.minVersion === undefined) return [];
  // What a failover has lost cannot be read again, and the answer says so.
  if (outcome.kind === 'ok' && outcome.degraded === 'lost-write') return [];
  const least = Number(call.minVersion);
  const older = readingsOf(operation).filter((reading) => (versionRead(reading) ?? least) < least);
  return older.map(({ member }) =>
    violation('token', `member ${member}`, `an answer is older than Min-Version ${least}`, [operation]),
  );
}

function foundWithoutAccount(operation: Operation): Violation[] {
  const { call, outcome } = operation;
  if (call.kind !== 'find' || outcome.kind !== 'ok') return [];
  const isNamed = outcome.document?.accounts.some((one) => accountText(one) === accountText(call)) ?? true;
  return isNamed ? [] : [violation('expected answers', accountText(call), 'a member without the account', [operation])];
}

/** Whoever shows a version shows the same bytes. */
function severalDocuments(operations: readonly Operation[]): Violation[] {
  const shown = new Map<string, { text: string; operation: Operation }>();
  const violations: Violation[] = [];
  for (const operation of operations) {
    const written = isRead(operation.call) || operation.outcome.kind !== 'ok' ? [] : [operation.outcome.document];
    for (const document of [...readingsOf(operation).map((one) => one.document), ...written]) {
      if (document === undefined) continue;
      const key = `member ${document.memberId}`;
      const text = JSON.stringify(document);
      const place = `${key} ${document.version}`;
      const earlier = shown.get(place);
      if (earlier === undefined) shown.set(place, { text, operation });
      else if (earlier.text !== text) {
        const both = [earlier.operation, operation];
        violations.push(
          violation('one document per version', key, `version ${document.version} has two documents`, both),
        );
      }
    }
  }
  return violations;
}

function severalMembers(registrations: Registrations): Violation[] {
  const answered = new Map<string, Registrations['all'][number]>();
  return registrations.all.flatMap((registering) => {
    const { call, outcome } = registering;
    const member = outcome.kind === 'ok' ? outcome.document?.memberId : undefined;
    if (call.idempotencyKey === undefined || member === undefined) return [];
    const earlier = answered.get(call.idempotencyKey);
    answered.set(call.idempotencyKey, earlier ?? registering);
    const isOther = earlier?.outcome.kind === 'ok' && earlier.outcome.document?.memberId !== member;
    const key = `idempotency key ${call.idempotencyKey}`;
    return isOther ? [violation('one member per key', key, 'one key, two members', [earlier, registering])] : [];
  });
}
