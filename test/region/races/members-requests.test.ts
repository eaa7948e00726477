import { isProblem } from '../../../lambdas/core';
import { MemberWriter, type Parts } from '../../../lambdas/members';
import { claimsOf } from '../../../lambdas/members/changes';
import { requestKey } from '../../../lambdas/members/encounters';
import { type Idempotency, Registrar, type Registration } from '../../../lambdas/members/register';
import { rangeOf } from '../../../lambdas/shards';
import { register, unique } from '../support/client';
import { owedEvents } from './members-failover';
import {
  around,
  claimKey,
  expectOnlyOwner,
  impatient,
  losingTheAnswer,
  openWithoutTopics,
  Pause,
  patiently,
  warmUp,
} from './members-steps';

const parts = openWithoutTopics();
beforeAll(async () => warmUp(parts, [(await register()).memberId]));
afterAll(() => parts.close());

let account: string;
let key: Idempotency;
beforeEach(() => {
  account = unique('registered');
  key = { callerId: 'shop', key: unique('key'), requestHash: 'hash' };
});

const registrationOf = (...accounts: string[]): Registration => ({
  profile: { name: 'Raced' },
  accounts: accounts.map((name) => ({ platform: 'app', account: name })),
});

/** @returns the id of the member that was registered, or the code that the caller is answered with */
async function registerBy(
  by: Parts,
  idempotency?: Idempotency,
  registration = registrationOf(account),
): Promise<string> {
  try {
    const registrar = new Registrar(by, new MemberWriter(by));
    return (await registrar.register(registration, idempotency, patiently())).document.memberId;
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
}

const requestClaim = () => parts.arbiter.claims.read(requestKey(key.callerId, key.key), { consistent: true });

async function isRegistered(memberId: string): Promise<boolean> {
  const { writer } = await parts.switches.unitNow(rangeOf(memberId).unit);
  return (await parts.shards.members.read(memberId, writer, 3000)).row !== undefined;
}

test('races 31, 32: a retry of a registration whose answer was lost finds the member', async () => {
  const cut = around(parts, { write: losingTheAnswer, abort: losingTheAnswer });
  expect(await registerBy(cut, key)).toBe('UNAVAILABLE');
  const retried = await registerBy(parts, key);
  expect(retried).toMatch(/^[0-9]+$/);
  expect(await registerBy(parts, key)).toBe(retried);
  await expectOnlyOwner(parts, account, [retried], retried);
});

test('races 12, 32: a retry that gives up on a sleeping first attempt registers the id that was drawn first, once', async () => {
  const sleep = new Pause();
  const late = registerBy(around(parts, { write: sleep.around }), key);
  await sleep.reached;
  const first = (await requestClaim())?.memberId;
  const retried = await registerBy(impatient(parts), key);
  sleep.goOn();
  expect(await late).toBe('UNAVAILABLE');
  expect(retried).toBe(first);
  expect(await registerBy(parts, key)).toBe(retried);
  await expectOnlyOwner(parts, account, [retried], retried);
});

test('race 31: a key under way, and a key that was used, are refused to another request', async () => {
  const sleep = new Pause();
  const first = registerBy(around(parts, { write: sleep.around }), key);
  await sleep.reached;
  expect(await registerBy(parts, { ...key, requestHash: 'another' })).toBe('IDEMPOTENCY_MISMATCH');
  sleep.goOn();
  expect(await first).toMatch(/^[0-9]+$/);
  expect(await registerBy(parts, { ...key, requestHash: 'another' })).toBe('IDEMPOTENCY_MISMATCH');
  expect(await registerBy(parts, { ...key, callerId: 'other' }, registrationOf())).not.toBe(await first);
});

test('race 31: a retry that meets its first attempt waits for it, and answers the same member', async () => {
  const sleep = new Pause();
  const first = registerBy(around(parts, { write: sleep.around }), key);
  await sleep.reached;
  const met = new Pause();
  const retry = registerBy(around(parts, { 'read fenced': met.around }), key);
  await met.reached;
  sleep.goOn();
  const registered = await first;
  met.goOn();
  expect(await retry).toBe(registered);
});

test('a registration that is refused gives back every claim, its key too', async () => {
  const taken = unique('taken');
  const { memberId } = await register([`app:${taken}`]);
  // Claims are taken in the order of their keys: one before the refusal, one never.
  const names = [`0-${account}`, taken, `z-${account}`];
  expect(await registerBy(parts, key, registrationOf(...names))).toBe('ACCOUNT_BOUND');
  expect((await requestClaim())?.state).toBe('free');
  const claims = await parts.arbiter.claims.readMany(names.map(claimKey), { consistent: true });
  expect(claims.get(claimKey(`0-${account}`))?.state).toBe('free');
  expect(claims.get(claimKey(`z-${account}`))).toBeUndefined();
  await expectOnlyOwner(parts, taken, [memberId], memberId);
  const registered = await registerBy(parts, key, registrationOf(account));
  expect(await isRegistered(registered)).toBe(true);
});

test('what a registration holds is announced, its key too', async () => {
  const registered = await registerBy(parts, key);
  const { writer } = await parts.switches.unitNow(rangeOf(registered).unit);
  const { row } = await parts.shards.members.read(registered, writer, 3000);
  if (row === undefined) throw new Error('the member was registered');
  const [event] = await owedEvents(registered);
  const request = await requestClaim();
  expect(event?.heldClaims).toEqual([
    ...claimsOf(row.document),
    { key: requestKey(key.callerId, key.key), generation: request?.generation },
  ]);
});
