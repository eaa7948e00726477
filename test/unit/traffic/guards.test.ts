import crypto from 'node:crypto';
import fc from 'fast-check';
import { isProblem, Problem } from '../../../lambdas/core';
import { Deadline } from '../../../lambdas/resilience';
import { createGuards, type GuardedRequest, hashSecret } from '../../../lambdas/traffic';
import { OPERATIONS } from '../../../topology';
import { noRules } from './flow/algorithm-store';
import { CountingRegistry, callerNamed, keyOf, noHotAccounts, SetClock } from './registry';

const REQUEST: GuardedRequest = {
  apiKey: 'shop.shop-secret',
  trafficClass: 'order',
  operation: 'getMember',
  writes: false,
  isForwarded: false,
  account: '1',
  deadline: Deadline.after(8000, new SetClock()),
  identified: { caller: undefined },
};

function guardsOf(...callers: ReturnType<typeof callerNamed>[]) {
  const clock = new SetClock();
  const admit = createGuards({
    registry: new CountingRegistry(...callers),
    clock,
    rules: noRules(clock),
    hotAccounts: noHotAccounts(clock),
  });
  return async (request: GuardedRequest) => admit(request);
}

const codeOf = (pending: Promise<unknown>) =>
  pending.then(
    () => 'admitted',
    (error: unknown) => (isProblem(error) ? error.code : Promise.reject(error)),
  );

test('a caller with its key is admitted', async () => {
  const shop = callerNamed('shop');
  await expect(guardsOf(shop)(REQUEST)).resolves.toEqual(shop);
});

test('each of several keys admits, and no other', async () => {
  const admit = guardsOf(callerNamed('shop', { keys: [keyOf('old'), keyOf('new')] }));
  expect(await codeOf(admit({ ...REQUEST, apiKey: 'shop.old' }))).toBe('admitted');
  expect(await codeOf(admit({ ...REQUEST, apiKey: 'shop.new' }))).toBe('admitted');
  expect(await codeOf(admit({ ...REQUEST, apiKey: 'shop.oldnew' }))).toBe('UNKNOWN_CALLER');
});

test('an expired key is refused from that moment on, and goes on until then', async () => {
  const clock = new SetClock();
  const registry = new CountingRegistry(callerNamed('shop', { keys: [keyOf('old', clock.ms + 1_000), keyOf('new')] }));
  const guards = createGuards({ registry, clock, rules: noRules(clock), hotAccounts: noHotAccounts(clock) });
  const admit = async (apiKey: string) => guards({ ...REQUEST, apiKey });
  clock.ms += 999;
  expect(await codeOf(admit('shop.old'))).toBe('admitted');
  clock.ms += 1;
  expect(await codeOf(admit('shop.old'))).toBe('UNKNOWN_CALLER');
  expect(await codeOf(admit('shop.new'))).toBe('admitted');
});

test.each([
  undefined,
  '',
  'shop',
  'shop.',
  '.shop-secret',
  'shop.shop-secret ',
  ' shop.shop-secret',
  'shop.SHOP-SECRET',
  'Shop.shop-secret',
  'shop.other-secret',
  'other.shop-secret',
  'shop.shop-secret, shop.shop-secret',
  `shop.${hashSecret('shop-secret')}`,
  `shop.${'x'.repeat(257)}`,
  '__proto__.shop-secret',
  'constructor.x',
])('the key %j is refused', async (apiKey) => {
  expect(await codeOf(guardsOf(callerNamed('shop'))({ ...REQUEST, apiKey }))).toBe('UNKNOWN_CALLER');
});

test('a refused key is told how to authenticate, and nothing else', async () => {
  const problems = await Promise.all(
    ['shop.wrong', 'nobody.wrong', 'idle.idle-secret', undefined].map((apiKey) =>
      guardsOf(
        callerNamed('shop'),
        callerNamed('idle', { status: 'suspended' }),
      )({ ...REQUEST, apiKey }).catch((error: Problem) => [error.code, error.details]),
    ),
  );
  expect(new Set(problems.map((problem) => JSON.stringify(problem)))).toEqual(
    new Set([
      JSON.stringify([
        'UNKNOWN_CALLER',
        { rule: 'guard/authenticate', retryAfterMs: 5000, headers: { 'WWW-Authenticate': 'ApiKey' } },
      ]),
    ]),
  );
});

test('every refusal names its guard, and when coming again may help if it ever does', async () => {
  const admit = guardsOf(callerNamed('shop', { classes: ['marketing'] }));
  const detailsOf = (request: Partial<typeof REQUEST>) =>
    Promise.resolve(admit({ ...REQUEST, ...request })).catch(({ details }: Problem) => details);
  const late = { ...REQUEST, trafficClass: 'marketing', deadline: Deadline.after(0, new SetClock()) } as const;
  expect(await detailsOf({ trafficClass: 'order' })).toEqual({ rule: 'guard/class', retryAfterMs: 5000 });
  expect(await detailsOf({ trafficClass: 'marketing', writes: true })).toEqual({ rule: 'guard/read-only' });
  expect(await detailsOf(late)).toMatchObject({ rule: 'guard/deadline', retryAfterMs: 1000 });
});

test('a caller without keys, or with a hash that is none, lets nobody in', async () => {
  const admit = guardsOf(
    callerNamed('shop', { keys: [] }),
    callerNamed('stall', { keys: ['', 'zz', 'ab'].map((hash) => ({ hash, createdAtMs: 0 })) }),
  );
  expect(await codeOf(admit(REQUEST))).toBe('UNKNOWN_CALLER');
  expect(await codeOf(admit({ ...REQUEST, apiKey: 'stall.x' }))).toBe('UNKNOWN_CALLER');
});

test('a caller is admitted to its classes only', async () => {
  const admit = guardsOf(callerNamed('shop', { classes: ['other'] }));
  expect(await codeOf(admit({ ...REQUEST, trafficClass: 'order' }))).toBe('CLASS_NOT_ALLOWED');
  expect(await codeOf(admit({ ...REQUEST, trafficClass: 'other' }))).toBe('admitted');
});

test('class marketing only reads; whether the class is allowed is asked before', async () => {
  const admit = guardsOf(callerNamed('shop', { classes: ['marketing'] }), callerNamed('till', { classes: ['order'] }));
  const write = { ...REQUEST, trafficClass: 'marketing', writes: true } as const;
  expect(await codeOf(admit({ ...write, writes: false }))).toBe('admitted');
  expect(await codeOf(admit(write))).toBe('CLASS_READ_ONLY');
  expect(await codeOf(admit({ ...write, apiKey: 'till.till-secret' }))).toBe('CLASS_NOT_ALLOWED');
  expect(await codeOf(admit({ ...write, apiKey: 'till.wrong' }))).toBe('UNKNOWN_CALLER');
});

test('a caller under suspicion gets no further than the cache', async () => {
  const admit = guardsOf(callerNamed('shop', { status: 'cache-only' }));
  const answers = await Promise.all(
    OPERATIONS.map(async (operation) => [operation, await codeOf(admit({ ...REQUEST, operation }))] as const),
  );
  const admitted = answers.filter(([, code]) => code === 'admitted').map(([operation]) => operation);
  expect(admitted).toEqual(['getMember', 'findByAccount', 'batchMembers']);
  expect(new Set(answers.map(([, code]) => code))).toEqual(new Set(['admitted', 'LIMITED']));
});

describe('the comparison of keys', () => {
  const compare = jest.spyOn(crypto, 'timingSafeEqual');
  beforeEach(() => compare.mockClear());
  afterAll(() => compare.mockRestore());

  test('looks at every hash of a caller, whichever fits', async () => {
    const admit = guardsOf(callerNamed('shop', { keys: ['a', 'b', 'c'].map((secret) => keyOf(secret)) }));
    for (const secret of ['a', 'c', 'wrong']) {
      compare.mockClear();
      await codeOf(admit({ ...REQUEST, apiKey: `shop.${secret}` }));
      expect(compare).toHaveBeenCalledTimes(3);
    }
  });

  test('takes place for an unknown caller too', async () => {
    expect(await codeOf(guardsOf()({ ...REQUEST, apiKey: 'nobody.x' }))).toBe('UNKNOWN_CALLER');
    expect(compare).toHaveBeenCalledTimes(1);
  });
});

test('a key made of anything is admitted or refused, never failed', async () => {
  const admit = guardsOf(callerNamed('shop'));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^\w*\.\S*$/)), async (apiKey) => {
      const outcome = await admit({ ...REQUEST, apiKey }).catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(Problem);
    }),
  );
});
