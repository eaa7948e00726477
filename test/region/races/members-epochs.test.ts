import { epochOf, systemClock } from '../../../lambdas/core';
import { Claims, type Parts } from '../../../lambdas/members';
import { rangeOf } from '../../../lambdas/shards';
import { Switches } from '../../../lambdas/switches';
import { register, unique } from '../support/client';
import { SILENT } from '../support/parts';
import { forgetOperation, raiseEpoch, rememberRow } from './members-failover';
import {
  afterwards,
  around,
  bind,
  claimKey,
  expectOnlyOwner,
  impatient,
  openWithoutTopics,
  ownersOf,
  Pause,
  perform,
  performSurely,
  unbind,
  warmUp,
} from './members-steps';

/** A unit that fails over, and a member of it; the other one's unit stays as it is. */
const MOVING = 'b1';
const parts = openWithoutTopics();
afterAll(() => parts.close());

let moving: string;
let staying: string;
let account: string;
beforeAll(async () => {
  moving = (await register([], { region: 'B' })).memberId;
  staying = (await register()).memberId;
  expect([moving, staying].map((memberId) => rangeOf(memberId).unit)).toEqual([MOVING, 'a1']);
  await warmUp(parts, [moving, staying]);
});
beforeEach(() => {
  account = unique('moved');
});

const claimOf = async () => {
  const claim = await parts.arbiter.claims.read(claimKey(account), { consistent: true });
  if (claim === undefined) throw new Error('the claim was never taken');
  return claim;
};

/** Moves of the unit in this minute, the one before, and the next one: an actor's clock may be ahead. */
async function moves(unit: string) {
  const now = systemClock.nowMs();
  const near = [now - 60_000, now, now + 60_000];
  const minutes = await Promise.all(near.map((at) => parts.arbiter.journal.moves(unit, at)));
  return minutes.flat().filter(({ key }) => key === claimKey(account));
}

test('race 51: a binding that comes back in a failover, after its claim was taken over, is taken off its row', async () => {
  expect(await performSurely(parts, moving, bind(account))).toBe('done');
  const bound = await rememberRow(moving);
  expect(await performSurely(parts, moving, unbind(account))).toBe('done');
  const pause = new Pause();
  const heir = perform(around(parts, { 'take over': pause.around }), staying, bind(account));
  await pause.reached;
  // The promoted copy had not received the unbinding, and its replay was over before the claim moved.
  await bound.bringBack();
  await raiseEpoch(MOVING);
  pause.goOn();
  expect(await heir).toBe('done');
  await expectOnlyOwner(parts, account, [moving, staying], staying);
});

test('race 51: a claim of an older epoch is not written under the next one, even if nobody knows any more that it was aborted', async () => {
  const sleep = new Pause();
  const late = perform(around(parts, { take: afterwards(sleep) }), moving, bind(account));
  await sleep.reached;
  const { operationId } = await claimOf();
  expect(await performSurely(impatient(parts), staying, bind(account))).toBe('done');
  await forgetOperation(moving, operationId);
  await raiseEpoch(MOVING);
  sleep.goOn();
  expect(await late).toBe('ACCOUNT_BOUND');
  await expectOnlyOwner(parts, account, [moving, staying], staying);
});

test('races 20, 51: an environment that slept through a failover is refused by the fence, looks, and begins anew', async () => {
  await parts.switches.current();
  const sleep = new Pause();
  const late = perform(around(parts, { write: sleep.around }), moving, bind(account));
  await sleep.reached;
  const { generation } = await claimOf();
  const epoch = await raiseEpoch(MOVING);
  sleep.goOn();
  expect(await late).toBe('done');
  const [owner] = await ownersOf(parts, account, [moving]);
  expect(owner && epochOf(owner.version)).toBe(epoch);
  expect(owner?.generation).toBeGreaterThan(generation);
  await expectOnlyOwner(parts, account, [moving, staying], moving);
});

test('race 51: a claim that a member of a moved unit holds is judged under the epoch of now', async () => {
  await parts.switches.current();
  expect(await performSurely(parts, moving, bind(account))).toBe('done');
  await raiseEpoch(MOVING);
  expect(await performSurely(parts, staying, bind(account))).toBe('ACCOUNT_BOUND');
  await expectOnlyOwner(parts, account, [moving, staying], moving);
});

test('race 52: a move stands in the journal of the unit that loses it before the claim is taken over', async () => {
  expect(await performSurely(parts, moving, bind(account))).toBe('done');
  const { generation } = await claimOf();
  expect(await performSurely(parts, moving, unbind(account))).toBe('done');
  const pause = new Pause();
  const heir = perform(around(parts, { 'take over': pause.around }), staying, bind(account));
  await pause.reached;
  expect(await moves(MOVING)).toEqual([{ key: claimKey(account), memberId: moving, generation }]);
  pause.goOn();
  expect(await heir).toBe('done');
});

test('race 52: a move stands in the journal before the claim is freed by an event', async () => {
  expect(await performSurely(parts, moving, bind(account))).toBe('done');
  const claim = await claimOf();
  const pause = new Pause();
  const freeing = new Claims(around(parts, { free: pause.around })).free(moving, [claim]);
  await pause.reached;
  expect(await moves(MOVING)).toEqual([{ key: claimKey(account), memberId: moving, generation: claim.generation }]);
  pause.goOn();
  await freeing;
  expect((await claimOf()).state).toBe('free');
  expect(await performSurely(parts, moving, unbind(account))).toBe('done');
});

test('race 52: a move stands in the journal before the claim is freed by the sweeper', async () => {
  const [sleep, pause] = [new Pause(), new Pause()];
  const late = perform(around(parts, { write: sleep.around }), moving, bind(account));
  await sleep.reached;
  const claim = await claimOf();
  const sweeping = new Claims(around(impatient(parts), { free: pause.around })).finish(claim);
  await pause.reached;
  expect(await moves(MOVING)).toEqual([{ key: claimKey(account), memberId: moving, generation: claim.generation }]);
  pause.goOn();
  expect(await sweeping).toBe(true);
  sleep.goOn();
  expect(await late).toBe('UNAVAILABLE');
});

test('a unit that is not in mode "database" takes no writes, and no claim is judged by its rows', async () => {
  expect(await performSurely(parts, moving, bind(account))).toBe('done');
  const { decisions } = parts.arbiter;
  const closed = { ...decisions, units: async () => (await decisions.units()).map(toReadOnly) };
  const store = { get: async () => undefined, put: async () => undefined };
  const switches = new Switches({ decisions: closed, store, clock: systemClock, log: SILENT });
  const careful: Parts = { ...parts, switches };
  expect(await perform(careful, moving, unbind(account))).toBe('UNAVAILABLE');
  expect(await perform(careful, staying, bind(account))).toBe('UNAVAILABLE');
  await expectOnlyOwner(parts, account, [moving, staying], moving);
});

function toReadOnly<T extends { unit: string; mode: string }>(decision: T): T {
  return decision.unit === MOVING ? { ...decision, mode: 'read-only' } : decision;
}
