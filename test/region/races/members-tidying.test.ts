import { systemClock } from '../../../lambdas/core';
import { applyArrivals, Claims, sweepClaims } from '../../../lambdas/members';
import { CLAIM_LEASE_MS } from '../../../lambdas/members/taking';
import type { Region } from '../../../topology';
import { register, unique } from '../support/client';
import { SILENT } from '../support/parts';
import { eventually } from '../support/system';
import { owedEvents } from './members-failover';
import {
  around,
  bind,
  claimKey,
  expectOnlyOwner,
  openWithoutTopics,
  Pause,
  perform,
  performSurely,
  unbind,
  warmUp,
} from './members-steps';

const parts = openWithoutTopics();
beforeAll(async () => warmUp(parts, [(await register()).memberId]));
afterAll(() => parts.close());

/** The index of pending claims is looked at so much later than a lease ends. */
const GRACE_MS = 5000;

let memberId: string;
let account: string;
beforeEach(async () => {
  memberId = (await register()).memberId;
  account = unique('tidied');
});

const claimOf = (name = account) => parts.arbiter.claims.read(claimKey(name), { consistent: true });
const lastEvent = async () => {
  const event = (await owedEvents(memberId)).at(-1);
  if (event === undefined) throw new Error('the outbox owes nothing');
  return event;
};

/** Cached values are no matter of these tests. */
const fenced = { fenceHere: async () => undefined };

async function arrive(region: Region, cache = fenced) {
  const claims = new Claims(parts);
  return applyArrivals({ region, cache, claims }, [await lastEvent()], await parts.switches.current());
}

test('an event turns what it holds and frees what it gave up, where its writer stands', async () => {
  expect(await performSurely(parts, memberId, bind(account))).toBe('done');
  expect(await arrive('B')).toEqual([{ ok: true }]);
  expect((await claimOf())?.state).toBe('pending');
  expect(await arrive('A')).toEqual([{ ok: true }]);
  expect((await claimOf())?.state).toBe('held');
  expect(await performSurely(parts, memberId, unbind(account))).toBe('done');
  expect(await arrive('B')).toEqual([{ ok: true }]);
  expect((await claimOf())?.state).toBe('held');
  expect(await arrive('A')).toEqual([{ ok: true }]);
  expect((await claimOf())?.state).toBe('free');
  expect(await arrive('A')).toEqual([{ ok: true }]);
});

test('an event whose cache cannot be fenced comes back, and is tidied all the same', async () => {
  expect(await performSurely(parts, memberId, bind(account))).toBe('done');
  const away = { fenceHere: () => Promise.reject(new Error('away')) };
  expect(await arrive('A', away)).toEqual([{ ok: false, retriable: true, reason: 'away' }]);
  expect((await claimOf())?.state).toBe('held');
});

test('forgotten claims are swept once their lease is over and nobody can be finishing them, where their writer stands', async () => {
  const committed = unique('committed');
  expect(await performSurely(parts, memberId, bind(committed))).toBe('done');
  const sleep = new Pause();
  const late = perform(around(parts, { write: sleep.around }), memberId, bind(account));
  await sleep.reached;
  const leaseUntilMs = (await claimOf())?.leaseUntilMs ?? 0;
  const snapshot = await parts.switches.current();
  const sweepAt = (nowMs: number, region: Region) => {
    const clock = { ...systemClock, nowMs: () => nowMs };
    const claims = new Claims({ ...parts, clock });
    return sweepClaims({ arbiter: parts.arbiter, claims, region, clock, log: SILENT }, snapshot);
  };
  await sweepAt(leaseUntilMs + GRACE_MS, 'A');
  await sweepAt(leaseUntilMs + CLAIM_LEASE_MS, 'B');
  expect((await claimOf())?.state).toBe('pending');
  await eventually(async () => {
    await sweepAt(leaseUntilMs + GRACE_MS + CLAIM_LEASE_MS, 'A');
    return (await claimOf())?.state === 'free' && (await claimOf(committed))?.state === 'held';
  });
  sleep.goOn();
  expect(await late).toBe('UNAVAILABLE');
  await expectOnlyOwner(parts, committed, [memberId], memberId);
});
