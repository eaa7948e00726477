import type { PublicMember } from '../../../lambdas/members/schema';
import type { Call, Operation, Outcome } from '../../support/history';

export const APP_X = { platform: 'app', account: 'x' } as const;

interface Made {
  readonly call: Call;
  readonly outcome: Outcome;
  /** From its call to its answer, in places of the order of events. */
  readonly from: number;
  readonly to: number;
}

/** Operations as if they had been recorded; each was answered at once by the clock. */
export function recorded(made: readonly Made[]): { operations: Operation[]; settledAt: number } {
  const operations = made.map(
    ({ call, outcome, from, to }, index): Operation => ({
      region: index % 2 ? 'B' : 'A',
      client: `client ${index}`,
      call,
      outcome,
      invokedAt: from,
      returnedAt: to,
      startedMs: 10 * from,
      endedMs: 10 * from + 1,
    }),
  );
  return { operations, settledAt: 0 };
}

/** Calls one after another. */
export function inTurn(...made: readonly (readonly [Call, Outcome])[]) {
  return recorded(made.map(([call, outcome], index) => ({ call, outcome, from: 2 * index + 1, to: 2 * index + 2 })));
}

export function documentOf(
  memberId: string,
  version: number,
  { city, accounts = [] }: { city?: string; accounts?: readonly { platform: string; account: string }[] } = {},
): PublicMember {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    memberId,
    version: String(version),
    status: 'active',
    profile: { name: memberId, ...(city === undefined ? {} : { city }) },
    accounts: accounts.map((account) => ({ ...account, boundAt: at })),
    registeredAt: at,
    updatedAt: at,
  };
}

export function shown(document: PublicMember, status = 200): Outcome {
  return { kind: 'ok', status, version: document.version, document };
}

export function done(version: number): Outcome {
  return { kind: 'ok', status: 204, version: String(version) };
}

export function refused(code: string, status = 409): Outcome {
  return { kind: 'refused', status, code };
}

export const UNKNOWN: Outcome = { kind: 'unknown', reason: 'UNAVAILABLE', status: 503 };

export function registering(member: string, ...accounts: readonly { platform: string; account: string }[]): Call {
  return { kind: 'register', profile: { name: member }, accounts };
}

/** A registration that was answered. */
export function registered(member: string, ...accounts: readonly { platform: string; account: string }[]) {
  return [registering(member, ...accounts), shown(documentOf(member, 1, { accounts }), 201)] as const;
}

export function patching(member: string, city: string, ifMatch?: string): Call {
  return { kind: 'patch', member, patch: { city }, ...(ifMatch === undefined ? {} : { ifMatch }) };
}

export function binding(member: string): Call {
  return { kind: 'bind', member, ...APP_X };
}

export function unbinding(member: string): Call {
  return { kind: 'unbind', member, ...APP_X };
}

export function getting(member: string, minVersion?: string): Call {
  return { kind: 'get', member, ...(minVersion === undefined ? {} : { minVersion }) };
}

export function finding(minVersion?: string): Call {
  return { kind: 'find', ...APP_X, ...(minVersion === undefined ? {} : { minVersion }) };
}
