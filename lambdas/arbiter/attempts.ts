import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, isProblem, Problem, unavailable } from '../core';
import type { RetryBudget } from '../resilience';

/**
 * What a failed call means: the condition was lost; trying again may help; the service refuses us; or the request
 * itself is wrong, which is a fault of ours.
 */
export type Failure = 'condition' | 'again' | 'refused' | 'fault';

export const MAX_ATTEMPTS = 5;
/** No attempt begins later than this after the first, so that slow ones end well before the caller's own deadline. */
export const ATTEMPTS_BUDGET_MS = 2000;
const FIRST_BACKOFF_MS = 20;
const MAX_BACKOFF_MS = 200;

/** Somebody else is changing this item right now. It says nothing about the condition, nor against the arbiter. */
const CONFLICTS = new Set(['ReplicatedWriteConflictException', 'TransactionConflictException']);
const RETRIED = new Set([
  ...CONFLICTS,
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'LimitExceededException',
  // A request that was signed before this environment was frozen: the next attempt is signed anew.
  'InvalidSignatureException',
  'RequestExpired',
  'RequestTimeTooSkewed',
]);
const FAULTS = new Set(['ValidationException', 'SerializationException', 'ItemCollectionSizeLimitExceededException']);
const NETWORK_ERRORS = new Set(['TimeoutError', 'AbortError']);

export function judge(error: unknown): Failure {
  if (!(error instanceof Error)) return 'fault';
  if (error.name === 'ConditionalCheckFailedException') return 'condition';
  if (RETRIED.has(error.name) || NETWORK_ERRORS.has(error.name)) return 'again';
  if (FAULTS.has(error.name)) return 'fault';
  const status = httpStatus(error);
  if (status !== undefined && status !== 200) return status >= 500 || status === 429 ? 'again' : 'refused';
  if (error.name === 'CredentialsProviderError') return 'refused';
  return 'code' in error && typeof error.code === 'string' ? 'again' : 'fault';
}

/** Whether a failed attempt says that the arbiter itself is ill. */
export function isIll(error: unknown): boolean {
  return judge(error) === 'again' && !isConflict(error);
}

function isConflict(error: unknown): boolean {
  return error instanceof Error && CONFLICTS.has(error.name);
}

function httpStatus(error: Error): number | undefined {
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/** Milliseconds before the attempt after this one: doubling, and spread so that racers do not meet again. */
export function backoffMs(attempt: number, random: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS) * (0.5 + random / 2);
}

export function pause(attempt: number): Promise<void> {
  return delay(backoffMs(attempt, Math.random()));
}

/**
 * Runs a call to the arbiter until it is answered, a few times at most: as often as the budget of all calls allows. Conflicts are answers of an arbiter that is well, and cost the budget nothing.
 *
 * @throws the error itself where a condition was lost; Problem UNAVAILABLE where the arbiter does not answer or
 * refuses; Problem INTERNAL where the request was wrong
 */
export async function answered<T>(
  call: () => Promise<T>,
  options: {
    clock: Clock;
    budget: RetryBudget;
    onFailedAttempt(error: unknown, attempt: number): void;
  },
): Promise<T> {
  const { clock, budget } = options;
  const startedMs = clock.monotonicMs();
  budget.deposit();
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (isProblem(error, 'SHED')) throw error;
      const failure = judge(error);
      if (failure === 'condition') throw error;
      if (failure === 'fault') throw new Problem('INTERNAL', { cause: error });
      options.onFailedAttempt(error, attempt);
      const spentMs = clock.monotonicMs() - startedMs;
      // What the breaker refused was not sent.
      const isFree = isConflict(error) || isProblem(error);
      const isOver = attempt >= MAX_ATTEMPTS || spentMs >= ATTEMPTS_BUDGET_MS;
      if (failure === 'refused' || isOver || !(isFree || budget.withdraw())) {
        throw unavailable('The arbiter does not answer', error);
      }
    }
    await pause(attempt);
  }
}
