import type { PublicMember } from '../../../lambdas/members/schema';
import { accountText, type Operation, type Outcome } from './calls';
import type { Sequential, Task } from './linearization';
import { ABSENT, applyToMember, type MemberCall, type MemberState, profileText, sameProfile } from './member-model';
import { isTelling, type Reading, readingsOf } from './readings';
import type { Registering, Registrations } from './registrations';
import { isNextVersion, SeenVersions } from './seen-versions';

export interface MemberTask extends Task<MemberState> {
  /** Absent where no caller asked for it. */
  readonly operation?: Operation;
  /** The version that was answered, where one was. */
  readonly version?: number;
}

export const MEMBER: Sequential<MemberState, MemberTask> = {
  initial: ABSENT,
  // Versions only rise.
  isPast: ({ version }, task) => task.version !== undefined && version > task.version,
  keyOf: ({ version, status, profile, accounts }) =>
    `${version} ${status} ${profileText(profile)} ${accounts.map(accountText).join()}`,
};

/**
 * What the history says of one member, for the search.
 *
 * @param isRenumbered whether the system may have given the member the first version of a later epoch, with all that stood in
 * it, as it does when it brings what was written without a database into its row
 */
export function memberTasks(
  member: string,
  operations: readonly Operation[],
  registrations: Registrations,
  isRenumbered = false,
): MemberTask[] {
  const seen = new SeenVersions(member, operations);
  const registering = registrations.all
    .filter((one) => one.outcome.kind !== 'refused' && registrations.isSame(registrations.memberOf(one), member))
    .map((one) => taskOf(one, (state) => registered(state, one, seen)));
  const writing = operations.flatMap((operation): MemberTask[] => {
    const { call } = operation;
    if (call.kind === 'get' || !('member' in call) || call.member !== member) return [];
    if (isSilent(operation.outcome)) return [];
    return [taskOf(operation, (state) => written(state, call, operation.outcome, seen))];
  });
  const reading = operations
    .flatMap(readingsOf)
    .filter((one) => one.member === member && isTelling(one))
    .map((one) => observerOf(one));
  return [...registering, ...writing, ...reading, ...(isRenumbered ? seen.firstOfEpochs.map(renumbering) : [])];

  function renumbering(version: number): MemberTask {
    const step = (state: MemberState) => {
      const after = { ...state, version };
      return state.status !== 'absent' && state.version < version && isAsSeen(after, seen) ? [after] : [];
    };
    return { invokedAt: 0, returnedAt: Number.POSITIVE_INFINITY, observes: false, step };
  }
}

function taskOf(operation: Operation, step: (state: MemberState) => readonly MemberState[]): MemberTask {
  const { invokedAt, outcome } = operation;
  const returnedAt = outcome.kind === 'unknown' ? Number.POSITIVE_INFINITY : operation.returnedAt;
  const version = outcome.kind === 'ok' && outcome.version !== undefined ? { version: Number(outcome.version) } : {};
  return { operation, invokedAt, returnedAt, observes: outcome.kind === 'refused', step, ...version };
}

/** A copy may be old: it must have been committed at some time before it was answered. */
function observerOf(reading: Reading): MemberTask {
  const { operation } = reading;
  const step = (state: MemberState) => (isReadIn(state, reading) ? [state] : []);
  const { document } = reading;
  const version = document === undefined ? {} : { version: Number(document.version) };
  return { operation, invokedAt: 0, returnedAt: operation.returnedAt, observes: true, step, ...version };
}

function isReadIn(state: MemberState, { document, code }: Reading): boolean {
  if (document !== undefined) return isDocumentOf(state, document);
  return state.status === (code === 'MEMBER_CLOSED' ? 'closed' : 'absent');
}

/** Refusals that say nothing of the member. */
const SAY_NOTHING = new Set(['IDEMPOTENCY_IN_PROGRESS', 'UNDECIDED', 'SHED', 'STOPPED']);

function isSilent(outcome: Outcome): boolean {
  return outcome.kind === 'refused' && SAY_NOTHING.has(outcome.code);
}

function written(state: MemberState, call: MemberCall, outcome: Outcome, seen: SeenVersions): readonly MemberState[] {
  const version = outcome.kind === 'ok' && outcome.version !== undefined ? Number(outcome.version) : state.version + 1;
  const { state: after, answer } = applyToMember(state, call, version);
  const isChanged = answer.kind === 'ok' && answer.changed;
  switch (outcome.kind) {
    case 'ok':
      if (answer.kind !== 'ok' || (outcome.document !== undefined && !isDocumentOf(after, outcome.document))) return [];
      return (isChanged ? isNextVersion(state.version, version) : version === state.version) ? [after] : [];
    case 'refused':
      // The account is asked about last: the member would have taken it.
      if (outcome.code === 'ACCOUNT_BOUND') return isChanged ? [state] : [];
      return answer.kind === 'refused' && answer.code === outcome.code ? [state] : [];
    case 'unknown':
      return isChanged && isAsSeen(after, seen) ? [after] : [];
  }
}

/** Under an idempotency key a second answer shows the member as it is now. */
function registered(state: MemberState, { call, outcome }: Registering, seen: SeenVersions): readonly MemberState[] {
  const document = outcome.kind === 'ok' ? outcome.document : undefined;
  if (state.status !== 'absent') {
    const isReplay = call.idempotencyKey !== undefined && document !== undefined && isDocumentOf(state, document);
    return isReplay ? [state] : [];
  }
  const version = outcome.kind === 'ok' && outcome.version !== undefined ? Number(outcome.version) : seen.first;
  const { profile, accounts } = call;
  const after: MemberState = { version, status: 'active', profile, accounts };
  return isAsSeen(after, seen) ? [after] : [];
}

/** Whoever was shown this version tells whether an unknown write made it. */
function isAsSeen(state: MemberState, seen: SeenVersions): boolean {
  const document = seen.document(state.version);
  return document === undefined || isDocumentOf(state, document);
}

function isDocumentOf(state: MemberState, document: PublicMember): boolean {
  return (
    document.version === String(state.version) &&
    document.status === state.status &&
    sameProfile(document.profile, state.profile) &&
    document.accounts.map(accountText).join() === state.accounts.map(accountText).join()
  );
}
