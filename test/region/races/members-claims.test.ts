import { Claims } from '../../../lambdas/members';
import { register, unique } from '../support/client';
import {
  around,
  bind,
  claimKey,
  expectOnlyOwner,
  impatient,
  losingTheAnswer,
  openWithoutTopics,
  ownersOf,
  Pause,
  perform,
  performImpatiently,
  performSurely,
  unbind,
  warmUp,
} from './members-steps';

const parts = openWithoutTopics();
afterAll(() => parts.close());

let memberIds: string[];
let one: string;
let other: string;
let account: string;
beforeAll(async () => {
  memberIds = [(await register()).memberId, (await register([], { region: 'B' })).memberId];
  [one, other] = memberIds as [string, string];
  await warmUp(parts, memberIds);
});
beforeEach(() => {
  account = unique('raced');
});

const claimOf = async () => {
  const claim = await parts.arbiter.claims.read(claimKey(account), { consistent: true });
  if (claim === undefined) throw new Error('the claim was never taken');
  return claim;
};

test('race 11: of two who found an account free one gets it, and the other is told', async () => {
  const pauses = [new Pause(), new Pause()];
  const binders = [one, other].map((memberId, at) =>
    perform(around(parts, { take: pauses[at]?.around as Pause['around'] }), memberId, bind(account)),
  );
  await Promise.all(pauses.map(({ reached }) => reached));
  for (const pause of pauses) pause.goOn();
  const outcomes = await Promise.all(binders);
  expect([...outcomes].sort()).toEqual(['ACCOUNT_BOUND', 'done']);
  await expectOnlyOwner(parts, account, memberIds, memberIds[outcomes.indexOf('done')] as string);
});

test('race 11: a claim that is under way for another member is not answered as bound, for the same member as in progress', async () => {
  const pause = new Pause();
  const first = perform(around(parts, { write: pause.around }), one, bind(account));
  await pause.reached;
  expect(await performImpatiently(parts, other, bind(account))).toBe('UNAVAILABLE');
  expect(await performImpatiently(parts, one, bind(account))).toBe('IDEMPOTENCY_IN_PROGRESS');
  pause.goOn();
  expect(await first).toBe('done');
  await expectOnlyOwner(parts, account, memberIds, one);
});

test('race 12: a binder that wakes up after its claim was given away binds nothing', async () => {
  const sleep = new Pause();
  const late = perform(around(parts, { write: sleep.around }), one, bind(account));
  await sleep.reached;
  expect(await performSurely(impatient(parts), other, bind(account))).toBe('done');
  sleep.goOn();
  expect(await late).toBe('UNAVAILABLE');
  await expectOnlyOwner(parts, account, memberIds, other);
});

test('race 12: who gives up on a binder that commits at that very moment leaves it the account', async () => {
  const [sleep, giveUp] = [new Pause(), new Pause()];
  const late = perform(around(parts, { write: sleep.around }), one, bind(account));
  await sleep.reached;
  const heir = perform(around(impatient(parts), { abort: giveUp.around }), other, bind(account));
  await giveUp.reached;
  sleep.goOn();
  expect(await late).toBe('done');
  giveUp.goOn();
  expect(await heir).toBe('ACCOUNT_BOUND');
  await expectOnlyOwner(parts, account, memberIds, one);
});

test('race 12: so does the sweeper', async () => {
  const [sleep, giveUp] = [new Pause(), new Pause()];
  const late = perform(around(parts, { write: sleep.around }), one, bind(account));
  await sleep.reached;
  const sweeping = new Claims(around(impatient(parts), { abort: giveUp.around })).finish(await claimOf());
  await giveUp.reached;
  sleep.goOn();
  expect(await late).toBe('done');
  giveUp.goOn();
  expect(await sweeping).toBe(true);
  await expectOnlyOwner(parts, account, memberIds, one);
  expect((await claimOf()).state).toBe('held');
});

test('race 12: a claim that the sweeper freed stays free, whenever its binder wakes up', async () => {
  const sleep = new Pause();
  const late = perform(around(parts, { write: sleep.around }), one, bind(account));
  await sleep.reached;
  const met = await claimOf();
  expect(await new Claims(parts).finish(met)).toBe(false);
  expect(await new Claims(impatient(parts)).finish(met)).toBe(true);
  expect((await claimOf()).state).toBe('free');
  sleep.goOn();
  expect(await late).toBe('UNAVAILABLE');
  expect(await ownersOf(parts, account, memberIds)).toEqual([]);
  expect(await performSurely(parts, other, bind(account))).toBe('done');
  await expectOnlyOwner(parts, account, memberIds, other);
});

test('race 14: what was given up is freed late, after the same member has bound it again', async () => {
  expect(await performSurely(parts, one, bind(account))).toBe('done');
  const given = await claimOf();
  expect(await performSurely(parts, one, unbind(account))).toBe('done');
  expect(await performSurely(parts, one, bind(account))).toBe('done');
  expect((await claimOf()).generation).toBeGreaterThan(given.generation);
  await new Claims(parts).free(one, [given]);
  await expectOnlyOwner(parts, account, memberIds, one);
  expect(await performSurely(parts, other, bind(account))).toBe('ACCOUNT_BOUND');
});

test('race 14: a binding is confirmed late, while the next one is under way', async () => {
  expect(await performSurely(parts, one, bind(account))).toBe('done');
  const given = await claimOf();
  expect(await performSurely(parts, one, unbind(account))).toBe('done');
  const sleep = new Pause();
  const late = perform(around(parts, { write: sleep.around }), one, bind(account));
  await sleep.reached;
  await new Claims(parts).hold([given]);
  expect((await claimOf()).state).toBe('pending');
  expect(await performImpatiently(parts, other, bind(account))).toBe('UNAVAILABLE');
  sleep.goOn();
  expect(await late).toBe('done');
  await expectOnlyOwner(parts, account, memberIds, one);
});

test('race 14: two who would take over one claim do not both get it', async () => {
  const third = (await register()).memberId;
  expect(await performSurely(parts, one, bind(account))).toBe('done');
  expect(await performSurely(parts, one, unbind(account))).toBe('done');
  const pauses = [new Pause(), new Pause()];
  const heirs = [other, third];
  const binders = heirs.map((memberId, at) =>
    perform(around(parts, { 'take over': pauses[at]?.around as Pause['around'] }), memberId, bind(account)),
  );
  await Promise.all(pauses.map(({ reached }) => reached));
  for (const pause of pauses) pause.goOn();
  const outcomes = await Promise.all(binders);
  expect([...outcomes].sort()).toEqual(['ACCOUNT_BOUND', 'done']);
  await expectOnlyOwner(parts, account, [...memberIds, third], heirs[outcomes.indexOf('done')] as string);
});

test('race 32: a write whose answer was lost is found committed, and answered as such', async () => {
  expect(await perform(around(parts, { write: losingTheAnswer }), one, bind(account))).toBe('done');
  await expectOnlyOwner(parts, account, memberIds, one);
});

test('races 12, 32: claims of a write whose outcome is open stay where they are', async () => {
  const cut = around(parts, { write: losingTheAnswer, abort: losingTheAnswer });
  expect(await perform(cut, one, bind(account))).toBe('UNAVAILABLE');
  await expectOnlyOwner(parts, account, memberIds, one);
  expect(await performSurely(parts, other, bind(account))).toBe('ACCOUNT_BOUND');
  expect(await performSurely(parts, one, bind(account))).toBe('done');
});

test('race 32: a write that never arrived is given up for good, and its claims are given back', async () => {
  const lost = around(parts, { write: async () => ({ kind: 'open', cause: new Error('the request was lost') }) });
  expect(await perform(lost, one, bind(account))).toBe('UNAVAILABLE');
  expect((await claimOf()).state).toBe('free');
  expect(await ownersOf(parts, account, memberIds)).toEqual([]);
});
