import fc from 'fast-check';
import { answered, backoffMs, judge, MAX_ATTEMPTS } from '../../../lambdas/arbiter/attempts';
import type { Clock } from '../../../lambdas/core';
import { RetryBudget } from '../../../lambdas/resilience';

const failure = (name: string, more: object = {}) => Object.assign(new Error(name), { name, ...more });
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

test.each([
  ['a lost condition', failure('ConditionalCheckFailedException', status(400)), 'condition'],
  ['a write from another region', failure('ReplicatedWriteConflictException', status(400)), 'again'],
  ['throttling', failure('ThrottlingException', status(400)), 'again'],
  ['a signature that grew old', failure('InvalidSignatureException', status(400)), 'again'],
  ['an engine in trouble', failure('InternalServerError', status(500)), 'again'],
  ['a gateway that is full', failure('Unknown', status(429)), 'again'],
  ['a timeout', failure('TimeoutError'), 'again'],
  ['a broken connection', failure('Error', { code: 'ECONNRESET', $metadata: { attempts: 1 } }), 'again'],
  ['a connection that broke within a good answer', failure('Error', { code: 'ECONNRESET', ...status(200) }), 'again'],
  ['missing rights', failure('AccessDeniedException', status(400)), 'refused'],
  ['a missing table', failure('ResourceNotFoundException', status(400)), 'refused'],
  ['missing credentials', failure('CredentialsProviderError'), 'refused'],
  ['a wrong request', failure('ValidationException', status(400)), 'fault'],
  ['a fault of ours', new TypeError('undefined is not a function'), 'fault'],
  ['what is no error', 'thrown text', 'fault'],
])('%s', (_, error, verdict) => {
  expect(judge(error)).toBe(verdict);
});

test('waits double from about 20 ms to 200 ms and are spread', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const waitMs = backoffMs(attempt, random);
      const fullMs = Math.min(20 * 2 ** (attempt - 1), 200);
      expect(waitMs).toBeGreaterThanOrEqual(fullMs / 2);
      expect(waitMs).toBeLessThanOrEqual(fullMs);
    }),
  );
  expect(backoffMs(3, 0)).not.toBe(backoffMs(3, 1));
});

function clockThatAdvances(stepMs: number): Clock {
  let nowMs = 0;
  return {
    nowMs: () => 0,
    monotonicMs: () => {
      nowMs += stepMs;
      return nowMs;
    },
  };
}

async function attemptsOf(error: Error, stepMs: number): Promise<{ attempts: number; code: unknown }> {
  let attempts = 0;
  const call = () => {
    attempts++;
    return Promise.reject(error);
  };
  const options = {
    clock: clockThatAdvances(stepMs),
    budget: new RetryBudget(),
    onFailedAttempt: () => undefined,
  };
  const thrown: unknown = await answered(call, options).catch((reason: unknown) => reason);
  return { attempts, code: thrown instanceof Error && 'code' in thrown ? thrown.code : thrown };
}

test('quick failures are tried five times, slow ones only as long as the budget lasts', async () => {
  const conflict = failure('ReplicatedWriteConflictException', status(400));
  expect(await attemptsOf(conflict, 1)).toEqual({ attempts: MAX_ATTEMPTS, code: 'UNAVAILABLE' });
  expect(await attemptsOf(conflict, 1999)).toEqual({ attempts: 2, code: 'UNAVAILABLE' });
  expect(await attemptsOf(conflict, 2000)).toEqual({ attempts: 1, code: 'UNAVAILABLE' });
});

test('a lost condition comes back as it is and at once', async () => {
  const lost = failure('ConditionalCheckFailedException', status(400));
  expect(await attemptsOf(lost, 1)).toEqual({ attempts: 1, code: lost });
});

test('of many calls to an arbiter that fails hardly more are sent than were made', async () => {
  const CALLS = 500;
  const broken = failure('Error', { code: 'ECONNRESET' });
  const budget = new RetryBudget();
  let attempts = 0;
  const call = () => {
    attempts += 1;
    return Promise.reject(broken);
  };
  const options = { clock: clockThatAdvances(1), budget, onFailedAttempt: () => undefined };
  for (let sent = 0; sent < CALLS; sent += 1) await answered(call, options).catch(() => undefined);
  expect(attempts / CALLS).toBeLessThanOrEqual(1.1);
  expect(attempts).toBeGreaterThan(CALLS);
});
