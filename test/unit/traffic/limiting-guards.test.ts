import { isProblem, type Problem } from '../../../lambdas/core';
import { Deadline } from '../../../lambdas/resilience';
import { AppliedRules, type Caller, createGuards, type GuardedRequest } from '../../../lambdas/traffic';
import type { TrafficSettings } from '../../../lambdas/traffic/flow';
import { AlgorithmStore, settle } from './flow/algorithm-store';
import { CountingRegistry, callerNamed, noHotAccounts, SetClock } from './registry';

type Rule = TrafficSettings['rules'][number];
const rule = (id: string, calls: number, match: Rule['match'] = {}, fields: Partial<Rule> = {}): Rule => ({
  id,
  match,
  algorithm: 'token-bucket',
  ratePerS: calls,
  burst: calls,
  mode: 'on',
  ...fields,
});

/** An environment of class order, with its guards. */
function environment(settings: Partial<TrafficSettings>, ...callers: Caller[]) {
  const clock = new SetClock();
  const store = new AlgorithmStore(clock);
  /** Rules on trial, by what they would have refused. */
  const wouldRefuse: unknown[] = [];
  const metrics = {
    count: (_: string, dimensions?: { readonly rule?: string | undefined }) => void wouldRefuse.push(dimensions?.rule),
    time: () => undefined,
  };
  const rules = new AppliedRules({ region: 'A', trafficClass: 'order', store, clock, metrics });
  rules.countEnvironments({ ofClass: 1, ofAll: 1 });
  rules.follow({ rules: [], deny: [], ...settings }, true);
  const hotAccounts = noHotAccounts(clock);
  const registry = new CountingRegistry(callerNamed('shop'), callerNamed('crm'), ...callers);
  const admit = createGuards({ registry, clock, rules, hotAccounts });
  const identified = { caller: undefined as string | undefined };
  /** `admitted`, or the problem that refused it. */
  async function call(callerId = 'shop', changes: Partial<GuardedRequest> = {}): Promise<'admitted' | Problem> {
    const apiKey = `${callerId}.${callerId}-secret`;
    const deadline = Deadline.after(8000, clock);
    const request = {
      apiKey,
      trafficClass: 'order',
      operation: 'getMember',
      writes: false,
      isForwarded: false,
      account: 'm1',
    } as const;
    try {
      await admit({ ...request, deadline, identified, ...changes });
      return 'admitted';
    } catch (error) {
      if (isProblem(error)) return error;
      throw error;
    } finally {
      await settle();
    }
  }
  const calls = async (count: number, callerId?: string, changes?: Partial<GuardedRequest>) => {
    let admitted = 0;
    for (let at = 0; at < count; at += 1) admitted += (await call(callerId, changes)) === 'admitted' ? 1 : 0;
    return admitted;
  };
  return { clock, registry, store, rules, hotAccounts, identified, wouldRefuse, call, calls };
}

const toldBy = (refused: 'admitted' | Problem) =>
  refused === 'admitted' ? refused : { code: refused.code, ...refused.details };

test('who is denied learns that, and nothing of the reason', async () => {
  const { call } = environment({ deny: [{ match: { caller: 'shop' }, reason: 'leaked key' }] });
  expect(toldBy(await call())).toEqual({ code: 'DENIED', rule: 'traffic/deny', retryAfterMs: 60_000 });
  expect(toldBy(await call('crm'))).toBe('admitted');
});

test('whoever shows no key learns of no denial and uses up no limit', async () => {
  const { call, calls } = environment({ rules: [rule('all', 1)], deny: [{ match: { caller: 'crm' }, reason: 'why' }] });
  expect(await calls(10, 'shop', { apiKey: 'shop.wrong' })).toBe(0);
  expect(toldBy(await call('crm', { apiKey: 'crm.wrong' }))).toMatchObject({ code: 'UNKNOWN_CALLER' });
  expect(toldBy(await call())).toBe('admitted');
});

test('a refusal names its rule, when to come again, and whom it refused', async () => {
  const { call, calls, identified } = environment({ rules: [rule('few', 4, { caller: 'shop' })] });
  expect(await calls(4)).toBe(4);
  expect(toldBy(await call())).toEqual({ code: 'LIMITED', rule: 'few', retryAfterMs: 250 });
  expect(identified.caller).toBe('shop');
  expect(toldBy(await call('crm'))).toBe('admitted');
});

test('guards ask in order: denied, class allowed, class, all, caller', async () => {
  const shop = callerNamed('shop', { classes: ['order'], rules: [rule('own', 1)] });
  const settings = {
    rules: [rule('named', 1, { caller: 'shop' }), rule('all', 1), rule('class', 1, { class: 'order' })],
    deny: [{ match: { operation: 'closeMember' }, reason: 'why' }] as const,
  };
  const { call, rules } = environment(settings, shop);
  expect(toldBy(await call('shop', { operation: 'closeMember', trafficClass: 'other' }))).toMatchObject({
    code: 'DENIED',
  });
  expect(toldBy(await call('shop', { trafficClass: 'other' }))).toMatchObject({ code: 'CLASS_NOT_ALLOWED' });
  expect(toldBy(await call())).toBe('admitted');
  const order: string[] = [];
  for (const next of ['class', 'all', 'own']) {
    order.push((toldBy(await call()) as { rule: string }).rule);
    settings.rules = settings.rules.filter(({ id }) => id !== next);
    rules.follow(settings, true);
  }
  expect(order).toEqual(['class', 'all', 'own']);
});

test('what one limit refuses is not taken from another', async () => {
  const { calls } = environment({ rules: [rule('all', 10), rule('shop', 2, { caller: 'shop' })] });
  expect(await calls(50)).toBe(2);
  // But what this environment had fetched to let those calls ask.
  expect(await calls(20, 'crm')).toBeGreaterThanOrEqual(7);
});

test('who asks on and on and is refused by a rule of its own takes nothing from others, also where few calls pass', async () => {
  const seldom = rule('shop', 0.1, { caller: 'shop' }, { burst: 1 });
  const { clock, call, store } = environment({ rules: [rule('all', 10), seldom] });
  let admitted = 0;
  for (let at = 0; at < 1000; at += 1) {
    clock.ms += 20;
    await call();
    if (at % 125 === 0 && (await call('crm')) === 'admitted') admitted += 1;
  }
  expect(admitted).toBe(8);
  const counted = store.asked.filter(({ take }) => take.key.endsWith('all'));
  expect(counted.length).toBeLessThan(50);
});

test('what others need is given back, however long its limit had to be waited for', async () => {
  const seldom = rule('own', 1, { caller: 'shop' });
  const { clock, call, store } = environment({
    rules: [rule('class', 100_000, { class: 'order' }), rule('all', 100), seldom],
  });
  const take = store.take.bind(store);
  store.take = async (...asked) => {
    await settle();
    clock.ms += 1;
    return take(...asked);
  };
  let admitted = 0;
  for (let round = 0; round < 300; round += 1) {
    const callers = [...Array.from({ length: 9 }, () => 'shop'), 'crm'];
    const outcomes = await Promise.all(callers.map((one) => call(one)));
    if (outcomes.at(-1) === 'admitted') admitted += 1;
    clock.ms += 2;
  }
  // All that they ask for is less than the common limit, but for what the caller's own rule refuses.
  expect(admitted).toBeGreaterThan(150);
});

test('what a rule on trial would have refused is not given back to it', async () => {
  const { calls, wouldRefuse } = environment({
    rules: [rule('all', 10, {}, { mode: 'dry-run' }), rule('shop', 30, { caller: 'shop' })],
  });
  expect(await calls(50)).toBe(30);
  expect(wouldRefuse).toEqual(Array.from({ length: 40 }, () => 'all'));
});

test('a request that was forwarded is counted where it was called, and denied in either region', async () => {
  const { calls, call, store } = environment({
    rules: [rule('all', 1)],
    deny: [{ match: { caller: 'crm' }, reason: 'why' }],
  });
  expect(await calls(20, 'shop', { isForwarded: true })).toBe(20);
  expect(store.asked).toEqual([]);
  expect(toldBy(await call('crm', { isForwarded: true }))).toMatchObject({ code: 'DENIED' });
});

describe('a queue', () => {
  const QUEUE = rule('queue', 20, {}, { algorithm: 'leaky-bucket', ratePerS: 100 });

  test('lets a call go on when its turn has come', async () => {
    const { call } = environment({ rules: [{ ...QUEUE, ratePerS: 20 }] });
    await environment({}).call();
    const beganAtMs = performance.now();
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => call()));
    expect(outcomes.map(toldBy)).toEqual(Array.from({ length: 6 }, () => 'admitted'));
    // The sixth turn is five paces of 50 ms away; a timer may be a millisecond early.
    expect(performance.now() - beganAtMs).toBeGreaterThanOrEqual(249);
  });

  test('tells whoever waits for its turn when it begins, and when it goes on', async () => {
    const { call } = environment({ rules: [{ ...QUEUE, ratePerS: 20 }] });
    const told: string[] = [];
    const begin = () => {
      told.push('waits');
      return () => told.push('goes on');
    };
    await call('shop', { waiting: { isOpen: true, begin } });
    expect(told).toEqual([]);
    await call('shop', { waiting: { isOpen: true, begin } });
    expect(told).toEqual(['waits', 'goes on']);
  });

  test('gives no turn to who is refused by another rule, and none of its class to who is refused by a queue of its own', async () => {
    const few = [
      rule('few', 2, { caller: 'shop' }),
      rule('few', 1, { caller: 'shop' }, { algorithm: 'leaky-bucket', ratePerS: 100 }),
    ];
    for (const own of few) {
      const { call, calls } = environment({ rules: [QUEUE, own] });
      expect(await calls(50)).toBe(own.burst);
      const others = await Promise.all(Array.from({ length: 18 }, () => call('crm')));
      expect(others.map(toldBy)).toEqual(others.map(() => 'admitted'));
    }
  });

  test('lets nobody wait of whom too many do, and gives no turn to who may not', async () => {
    const { call } = environment({ rules: [{ ...QUEUE, ratePerS: 20 }] });
    const begin = () => undefined;
    const told = async (isOpen: boolean) => toldBy(await call('shop', { waiting: { isOpen, begin } }));
    expect(await told(false)).toBe('admitted');
    const limited = { code: 'LIMITED', rule: 'queue', retryAfterMs: 50 };
    expect([await told(false), await told(false)]).toEqual([limited, limited]);
    expect(await told(true)).toMatchObject({ code: 'SHED', rule: 'limit/waiting', retryAfterMs: 50 });
  });

  test('refuses at once who could not be served in time after the wait', async () => {
    const { call, clock } = environment({ rules: [{ ...QUEUE, ratePerS: 1 }] });
    await call();
    const beganAtMs = performance.now();
    const deadline = Deadline.after(1400, clock);
    expect(toldBy(await call('shop', { deadline }))).toEqual({ code: 'LIMITED', rule: 'queue', retryAfterMs: 100 });
    expect(performance.now() - beganAtMs).toBeLessThan(900);
  });
});

test('a request whose time is over is not begun', async () => {
  const { call, clock } = environment({});
  expect(toldBy(await call('shop', { deadline: Deadline.after(0, clock) }))).toMatchObject({ code: 'UNAVAILABLE' });
});

test('time that guards wait for is over for those behind them', async () => {
  const queue = { algorithm: 'leaky-bucket', ratePerS: 100 } as const;
  const { call, clock, registry, store } = environment({
    rules: [rule('all', 20), rule('queue', 20, {}, queue), rule('few', 20, { caller: 'shop' }, queue)],
  });
  const slowly = <A extends unknown[], R>(answer: (...told: A) => Promise<R>) => {
    return (...told: A) => {
      clock.ms += 1000;
      return answer(...told);
    };
  };
  registry.find = slowly(registry.find.bind(registry));
  const identifiedLate = await call('shop', { deadline: Deadline.after(1000, clock), isForwarded: true });
  expect(toldBy(identifiedLate)).toMatchObject({ code: 'UNAVAILABLE' });
  store.take = slowly(store.take.bind(store));
  await call('shop', { deadline: Deadline.after(2750, clock) });
  // What one limit took is not offered to the next one as time to wait.
  expect(store.asked.map(({ take }) => take.mostWaitUs)).toEqual([0, 1_250_000, 250_000]);
});

test('calls are counted as they come, also those that are refused, and not those of strangers', async () => {
  const { calls, rules } = environment({ rules: [rule('few', 1)] });
  await calls(5);
  await calls(3, 'crm', { operation: 'findByAccount' });
  await calls(4, 'shop', { apiKey: 'shop.wrong' });
  await calls(4, 'shop', { isForwarded: true });
  expect(rules.recent.drain()).toEqual([
    { caller: 'shop', operation: 'getMember', calls: 5 },
    { caller: 'crm', operation: 'findByAccount', calls: 3 },
  ]);
  expect(rules.recent.drain()).toEqual([]);
});

describe('an account that is asked for too often', () => {
  const HOT = { mode: 'on', readsPerS: 5, writesPerS: 2 } as const;

  test('is refused by name and with the time, reads and writes apart, and no other one', async () => {
    const { hotAccounts, call, calls } = environment({});
    hotAccounts.follow(HOT);
    expect(await calls(9)).toBe(5);
    expect(await calls(4, 'shop', { writes: true })).toBe(2);
    expect(toldBy(await call())).toMatchObject({ code: 'LIMITED', rule: 'hot-account', retryAfterMs: 1200 });
    expect(await calls(5, 'crm', { account: 'm2' })).toBe(5);
    expect(await calls(9, 'shop', { account: '' })).toBe(9);
  });

  test('costs no other call of its caller: what its rules had counted is given back', async () => {
    const { hotAccounts, calls } = environment({ rules: [rule('r1', 10, { caller: 'shop' })] });
    hotAccounts.follow(HOT);
    expect(await calls(50)).toBe(5);
    expect(await calls(9, 'shop', { account: 'm2' })).toBe(5);
    expect(await calls(9, 'shop', { account: 'm3' })).toBe(0);
  });

  test('is only told of on trial, and not counted where it was forwarded from', async () => {
    const { hotAccounts, calls } = environment({});
    hotAccounts.follow({ ...HOT, mode: 'dry-run' });
    expect(await calls(9)).toBe(9);
    hotAccounts.follow({ ...HOT, mode: 'off' });
    expect(await calls(9, 'shop', { account: 'm2' })).toBe(9);
    hotAccounts.follow(HOT);
    expect(await calls(9, 'shop', { account: 'm3', isForwarded: true })).toBe(9);
  });
});
