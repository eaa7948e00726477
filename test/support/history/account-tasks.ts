import { type AccountCall, type AccountState, applyToAccount, FREE } from './account-model';
import { accountText, type Call, type Operation, type Outcome } from './calls';
import type { Sequential, Task } from './linearization';
import type { Registering, Registrations } from './registrations';

/** An account, and which registrations that share an idempotency key have been carried out. */
export interface ClaimedState extends AccountState {
  readonly done: readonly string[];
}

export interface AccountTask extends Task<ClaimedState> {
  readonly operation: Operation;
}

export const ACCOUNT: Sequential<ClaimedState, AccountTask> = {
  initial: { ...FREE, done: [] },
  keyOf: ({ holder, done }) => JSON.stringify([holder ?? null, done]),
};

/** Everything but look-ups that the history says of one account (as `accountText` has it), for the search. */
export function accountTasks(
  account: string,
  operations: readonly Operation[],
  registrations: Registrations,
): AccountTask[] {
  const isMeant = (call: Call) => 'platform' in call && accountText(call) === account;
  const registering = registrations.all
    .filter(({ call }) => call.accounts.some((one) => accountText(one) === account))
    .flatMap((one) => registeringTask(one, registrations));
  const writing = operations.flatMap((operation): AccountTask[] => {
    const { call, outcome } = operation;
    if (call.kind !== 'close' && !((call.kind === 'bind' || call.kind === 'unbind') && isMeant(call))) return [];
    if (outcome.kind === 'refused' && outcome.code !== 'ACCOUNT_BOUND') return [];
    return [taskOf(operation, (state) => applied(state, { kind: call.kind, member: call.member }, outcome))];
  });
  return [...registering, ...writing];
}

function taskOf(operation: Operation, step: (state: ClaimedState) => readonly ClaimedState[]): AccountTask {
  const { invokedAt, outcome } = operation;
  const returnedAt = outcome.kind === 'unknown' ? Number.POSITIVE_INFINITY : operation.returnedAt;
  return { operation, invokedAt, returnedAt, observes: outcome.kind === 'refused', step };
}

function applied(state: ClaimedState, call: AccountCall, outcome: Outcome): readonly ClaimedState[] {
  const { state: after, answer } = applyToAccount(state, call);
  if (outcome.kind === 'refused') return answer.kind === 'refused' && answer.code === outcome.code ? [state] : [];
  return answer.kind === 'ok' ? [{ ...after, done: state.done }] : [];
}

function registeringTask(registering: Registering, registrations: Registrations): AccountTask[] {
  const { call, outcome } = registering;
  const group = call.idempotencyKey;
  const member = registrations.memberOf(registering);
  // Which of several accounts was taken is not said.
  const isSilent = outcome.kind === 'refused' && (outcome.code !== 'ACCOUNT_BOUND' || call.accounts.length > 1);
  if (isSilent) return [];
  return [
    taskOf(registering, (state) => {
      const isDone = group !== undefined && state.done.includes(group);
      if (isDone) return outcome.kind === 'ok' ? [state] : [];
      const [after] = applied(state, { kind: 'register', member }, outcome);
      if (after === undefined || group === undefined || outcome.kind === 'refused')
        return after === undefined ? [] : [after];
      return [{ ...after, done: [...state.done, group].sort() }];
    }),
  ];
}

/**
 * A look-up that must have been true at some time since a place in the order of events. Of two that are made while a
 * write is under way, the later may be the one that does not see it yet: both date from before it.
 */
export function findTask(operation: Operation, since: number, registrations: Registrations): AccountTask | undefined {
  const { outcome } = operation;
  if (outcome.kind === 'unknown' || (outcome.kind === 'refused' && outcome.code !== 'NOT_BOUND')) return undefined;
  const found = outcome.kind === 'ok' ? outcome.document?.memberId : undefined;
  const step = (state: ClaimedState) => {
    const { answer } = applyToAccount(state, { kind: 'find' });
    const holder = answer.kind === 'ok' ? answer.holder : undefined;
    return registrations.isSame(holder, found) ? [state] : [];
  };
  // After whatever happened at that place.
  return { operation, invokedAt: since + 0.5, returnedAt: operation.returnedAt, observes: true, step };
}
