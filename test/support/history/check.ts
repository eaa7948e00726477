import { ACCOUNT, type AccountTask, accountTasks, findTask } from './account-tasks';
import { checkAnswers } from './answers';
import { accountText, type Operation } from './calls';
import { type Freshness, FreshReads } from './freshness';
import type { History } from './history';
import { linearize, type Sequential, type Task } from './linearization';
import { MEMBER, memberTasks } from './member-tasks';
import { readingsOf, versionRead } from './readings';
import { Registrations } from './registrations';
import { type Violation, violation } from './violation';

export interface CheckOptions {
  /** `settled` where caches were killed, frozen or cut off. Default `all`. */
  readonly freshness?: Freshness;
  /**
   * Whether the unit of a member failed over meanwhile: what was written to it is then told by versions and forks, and is in
   * no order of calls alone, since the system makes versions of its own. What was answered, and accounts, are checked all the same.
   */
  readonly failedOver?: (member: string) => boolean;
  /**
   * Whether the member's unit was written without its databases meanwhile: what stood in a member when that ended has
   * become one version of the next epoch.
   */
  readonly renumbered?: (member: string) => boolean;
  /** Members that lost a write which was acknowledged: what is known of them is told elsewhere. */
  readonly without?: ReadonlySet<string>;
  /** Steps of the search for each key. */
  readonly budget?: number;
}

/**
 * Whether everything that was answered can have happened: writes and refusals one after another for each member and
 * for each account, every read a committed version, none below its `Min-Version`, none older than what the caches were
 * certainly told. Members must have been registered within the history, and idempotency keys be one caller's.
 */
export function checkHistory(
  history: Pick<History, 'operations' | 'settledAt'>,
  { freshness = 'all', failedOver = never, renumbered = never, without = new Set(), budget }: CheckOptions = {},
): Violation[] {
  const { operations, settledAt } = history;
  const accountsLeftOut = accountsOfMembers(operations, without);
  const registrations = new Registrations(operations);
  const fresh = new FreshReads(operations, settledAt, freshness);
  return [
    ...checkAnswers(operations, registrations),
    ...membersOf(operations, registrations)
      .filter((member) => !without.has(member) && !failedOver(member))
      .flatMap((member) =>
        verdictOn(
          `member ${member}`,
          memberTasks(member, operations, registrations, renumbered(member)),
          MEMBER,
          budget,
        ),
      ),
    ...[...Registrations.accountsOf(operations).keys()]
      .filter((account) => !accountsLeftOut.has(account))
      .flatMap((account) => checkAccount(account, operations, registrations, fresh, budget)),
    ...operations.flatMap((operation) => staleReadings(operation, fresh, without)),
  ];
}

const never = () => false;

/** Accounts that these members were registered with, or asked for. */
function accountsOfMembers(operations: readonly Operation[], members: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(
    operations.flatMap(({ call, outcome }) => {
      const registered = outcome.kind === 'ok' ? outcome.document?.memberId : undefined;
      const member = 'member' in call ? call.member : registered;
      if (member === undefined || !members.has(member)) return [];
      if (call.kind === 'register') return call.accounts.map(accountText);
      return call.kind === 'bind' || call.kind === 'unbind' ? [accountText(call)] : [];
    }),
  );
}

function membersOf(operations: readonly Operation[], registrations: Registrations): string[] {
  const named = operations.flatMap((operation) => [
    ...readingsOf(operation).map(({ member }) => member),
    ...('member' in operation.call ? [operation.call.member] : []),
  ]);
  const registered = registrations.all
    .map((one) => registrations.memberOf(one))
    .filter((name) => !name.startsWith('?'));
  return [...new Set([...registered, ...named])];
}

/** Each look-up is put between the writes for itself: many at once would be too many ways where outcomes are unknown. */
function checkAccount(
  account: string,
  operations: readonly Operation[],
  registrations: Registrations,
  fresh: FreshReads,
  budget?: number,
): Violation[] {
  const key = `account ${account}`;
  const writes = accountTasks(account, operations, registrations);
  const violations = verdictOn(key, writes, ACCOUNT, budget);
  // What the writes cannot explain among themselves, no look-up can make worse.
  if (violations.length > 0) return violations;
  return operations.flatMap((operation) => {
    const { call } = operation;
    if (call.kind !== 'find' || accountText(call) !== account) return [];
    const task = findTask(operation, fresh.sinceFor(account, operation), registrations);
    if (task === undefined) return [];
    const before = writes.filter(({ invokedAt }) => invokedAt < task.returnedAt);
    return verdictOn(key, [...before.map((write) => openAt(write, task.returnedAt)), task], ACCOUNT, budget);
  });
}

/** What is answered later need not have taken effect yet. */
function openAt(task: AccountTask, at: number): AccountTask {
  return task.returnedAt < at ? task : { ...task, returnedAt: Number.POSITIVE_INFINITY };
}

function verdictOn<State, T extends Task<State> & { readonly operation?: Operation }>(
  key: string,
  tasks: readonly T[],
  model: Sequential<State, T>,
  budget?: number,
): Violation[] {
  const verdict = linearize(tasks, model, budget);
  if (verdict.kind === 'linearizable') return [];
  const { operation, invokedAt, returnedAt } = verdict.task;
  const near = tasks.filter((task) => task.returnedAt > invokedAt && task.invokedAt < returnedAt);
  const others = near.map((task) => task.operation).filter((one) => one !== operation);
  const about = [operation, ...others].filter((one) => one !== undefined).slice(0, 20);
  if (verdict.kind === 'undecided') return [violation('undecided', key, 'the search gave up', about)];
  const states = verdict.states.slice(0, 3).map(model.keyOf).join(' or ');
  return [violation('linearizable', key, `an answer cannot follow ${states}`, about)];
}

function staleReadings(operation: Operation, fresh: FreshReads, without: ReadonlySet<string>): Violation[] {
  return readingsOf(operation).flatMap((reading) => {
    const version = versionRead(reading);
    if (version === undefined || without.has(reading.member)) return [];
    const least = fresh.leastVersion(reading.member, operation);
    const message = `version ${version} was answered after ${least} had been`;
    return version < least ? [violation('fresh', `member ${reading.member}`, message, [operation])] : [];
  });
}
