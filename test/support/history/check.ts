import { ACCOUNT, accountTasks, findTask } from './account-tasks';
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
  { freshness = 'all', budget }: CheckOptions = {},
): Violation[] {
  const { operations, settledAt } = history;
  const registrations = new Registrations(operations);
  const fresh = new FreshReads(operations, settledAt, freshness);
  return [
    ...checkAnswers(operations, registrations),
    ...membersOf(operations, registrations).flatMap((member) =>
      verdictOn(`member ${member}`, memberTasks(member, operations, registrations), MEMBER, budget),
    ),
    ...[...Registrations.accountsOf(operations).keys()].flatMap((account) =>
      checkAccount(account, operations, registrations, fresh, budget),
    ),
    ...operations.flatMap((operation) => staleReadings(operation, fresh)),
  ];
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

/** Look-ups are put into the one order of the writes: each was true at some time since what it had to see. */
function checkAccount(
  account: string,
  operations: readonly Operation[],
  registrations: Registrations,
  fresh: FreshReads,
  budget?: number,
): Violation[] {
  const finding = operations.flatMap((operation) => {
    const { call } = operation;
    if (call.kind !== 'find' || accountText(call) !== account) return [];
    return findTask(operation, fresh.sinceFor(account, operation), registrations) ?? [];
  });
  const tasks = [...accountTasks(account, operations, registrations), ...finding];
  return verdictOn(`account ${account}`, tasks, ACCOUNT, budget);
}

function verdictOn<State, T extends Task<State> & { readonly operation: Operation }>(
  key: string,
  tasks: readonly T[],
  model: Sequential<State, T>,
  budget?: number,
): Violation[] {
  const verdict = linearize(tasks, model, budget);
  if (verdict.kind === 'linearizable') return [];
  const { operation } = verdict.task;
  const near = tasks.filter((task) => task.returnedAt > operation.invokedAt && task.invokedAt < operation.returnedAt);
  const about = [operation, ...near.map((task) => task.operation).filter((one) => one !== operation)].slice(0, 20);
  if (verdict.kind === 'undecided') return [violation('undecided', key, 'the search gave up', about)];
  const states = verdict.states.slice(0, 3).map(model.keyOf).join(' or ');
  return [violation('linearizable', key, `an answer cannot follow ${states}`, about)];
}

function staleReadings(operation: Operation, fresh: FreshReads): Violation[] {
  return readingsOf(operation).flatMap((reading) => {
    const version = versionRead(reading);
    if (version === undefined) return [];
    const least = fresh.leastVersion(reading.member, operation);
    const message = `version ${version} was answered after ${least} had been`;
    return version < least ? [violation('fresh', `member ${reading.member}`, message, [operation])] : [];
  });
}
