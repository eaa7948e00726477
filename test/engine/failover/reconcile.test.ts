import { memberKey } from '../../../lambdas/cache';
import { epochOf, type MemberDocument, type MemberEvent, versionOf } from '../../../lambdas/core';
import { reconcileEvent } from '../../../lambdas/failover';
import { settleCandidate, UNKNOWN_VERSION } from '../../../lambdas/failover/reconcile';
import { eventOf } from '../../../lambdas/members';
import { EPOCH } from '../shards/database';
import { documentAt, newMemberId } from '../sync/one-unit';
import { anAccount, eventAfter, inCity, lostAfter, NEXT, Promoted } from './promoted';

// Nothing here is quick on a busy machine.
let promoted: Promoted;
beforeAll(async () => {
  promoted = await Promoted.start();
});
beforeEach(() => promoted.unit.reset());
afterAll(() => promoted?.stop());

const UNIT = { epoch: NEXT, writer: 'A', mode: 'database' } as const;
const settle = (event: MemberEvent, unit: { epoch: number } = UNIT) =>
  reconcileEvent(promoted.parts)(event, { ...UNIT, ...unit });
const reached = async (memberId: string) => {
  const row = await promoted.row(memberId);
  return row && [row.document.version, row.document.profile.city];
};

test('races 25, 42: an event ahead of the promoted row becomes its next version, owed to all, and is not made twice', async () => {
  const { document } = await promoted.registered();
  await promoted.unit.failOver();
  const lost = lostAfter(document, inCity(document, 'lost'));
  const event = eventAfter(document, lost);
  expect(await settle(event)).toBe('adopt');
  expect(await reached(lost.memberId)).toEqual([versionOf(NEXT, 1), 'lost']);
  expect((await promoted.row(lost.memberId))?.forks).toMatchObject([{ epoch: NEXT, from: lost.version, changed: {} }]);
  expect((await promoted.owed(lost.memberId)).map(({ version }) => version)).toEqual([
    document.version,
    versionOf(NEXT, 1),
  ]);
  expect(await settle(event)).toBe('contained');
  expect(await reached(lost.memberId)).toEqual([versionOf(NEXT, 1), 'lost']);
});

test('races 25, 42: of many consumers that get the event at once, one makes the version', async () => {
  const { document } = await promoted.registered();
  await promoted.unit.failOver();
  const event = eventAfter(document, lostAfter(document, inCity(document, 'lost')));
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => settle(event)));
  expect(outcomes.sort()).toEqual(['adopt', 'contained', 'contained', 'contained']);
  expect(await reached(document.memberId)).toEqual([versionOf(NEXT, 1), 'lost']);
});

test('race 42: a member whose registration was not replicated comes back whole, with its claim and its operation', async () => {
  await promoted.unit.failOver();
  const memberId = newMemberId();
  const binding = await promoted.claimed(memberId, anAccount());
  const document = { ...documentAt(memberId, EPOCH, 1, 'lost'), accounts: [binding] };
  const event = eventAfter(undefined, document);
  expect(await settle(event)).toBe('adopt');
  expect((await promoted.row(memberId))?.document).toMatchObject({ version: versionOf(NEXT, 1), accounts: [binding] });
  const decided = await promoted.unit.shards.recovery.decided(memberId, [event.operationId], 'A');
  expect(decided.get(event.operationId)).toBe('committed');
});

test('race 42: a registration that was given up meanwhile is not made, and listed', async () => {
  await promoted.unit.failOver();
  const document = documentAt(newMemberId(), EPOCH, 1, 'lost');
  const event = eventAfter(undefined, document);
  await promoted.unit.shards.members.abort(event, NEXT, 'A', 5000);
  expect(await settle(event)).toBe('quarantine');
  expect(await promoted.row(document.memberId)).toBeUndefined();
  expect(await promoted.listed(document.memberId)).toMatchObject([{ field: '*', reason: 'operation aborted' }]);
});

test('race 31: an event that comes after its member came back from a copy says that its request was carried out', async () => {
  await promoted.unit.failOver();
  const document = documentAt(newMemberId(), EPOCH, 1, 'lost');
  const { memberId } = document;
  const requestClaim = { key: `request:shop:${memberId}`, generation: 1 };
  const event = eventOf(undefined, document, { unit: 'a1', operationId: 'registering', requestClaim });
  const settling = { unit: UNIT, needsLease: true };
  expect(await settleCandidate(promoted.parts, { document }, settling)).toBe('adopt');
  expect(await settle(event)).toBe('contained');
  const decided = await promoted.unit.shards.recovery.decided(memberId, [event.operationId], 'A');
  expect(decided.get(event.operationId)).toBe('committed');
});

test('race 50: a row that moved on takes what it has not changed; the rest is listed with all that is needed', async () => {
  const row = await promoted.registered();
  const { document } = row;
  await promoted.unit.failOver();
  const lost = lostAfter(document, { profile: { name: 'Ada', city: 'lost', locale: 'lost' } });
  const event = eventAfter(document, lost);
  await promoted.write(row, { ...inCity(document, 'later'), version: versionOf(NEXT, 1) });
  expect(await settle(event)).toBe('quarantine');
  expect((await promoted.row(document.memberId))?.document).toMatchObject({
    version: versionOf(NEXT, 2),
    profile: { city: 'later', locale: 'lost' },
  });
  expect(await promoted.listed(document.memberId)).toEqual([
    {
      memberId: document.memberId,
      epoch: EPOCH,
      version: lost.version,
      field: 'profile.city',
      value: 'lost',
      kept: 'later',
      base: 'replicated',
      reason: 'changed since',
      operationId: event.operationId,
      listedAt: expect.any(String),
    },
  ]);
  const [noted] = await promoted.arbiter.audit.list('unit/a1', { limit: 1000 });
  expect(noted).toMatchObject({ actor: 'reconcile', outcome: 'noted' });
  // A later version of the same epoch, which had it as it was, settles what was listed.
  expect(await settle(eventAfter(lost, lostAfter(lost, inCity(lost, 'replicated'))))).toBe('touch');
  expect(await promoted.listed(document.memberId)).toEqual([]);
});

test('race 50: what is lost is listed before the row says that it is contained', async () => {
  const row = await promoted.registered();
  const { document } = row;
  await promoted.unit.failOver();
  const event = eventAfter(document, lostAfter(document, inCity(document, 'lost')));
  await promoted.write(row, { ...inCity(document, 'later'), version: versionOf(NEXT, 1) });
  await promoted.unit.database.grantLease(0);
  await promoted.unit.database.query(`UPDATE twinkeep.lease SET epoch = ${NEXT}`);
  await expect(settle(event)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await promoted.listed(document.memberId)).toMatchObject([{ field: 'profile.city', value: 'lost' }]);
  expect(await reached(document.memberId)).toEqual([versionOf(NEXT, 1), 'later']);
});

describe('an account that was bound in what was lost', () => {
  const bound = async (account: string) => {
    const { document } = await promoted.registered();
    const binding = await promoted.claimed(document.memberId, account);
    await promoted.unit.failOver();
    const lost = lostAfter(document, { accounts: [binding] });
    return { document, binding, event: eventAfter(document, lost), key: `account:app:${account}` };
  };

  test('race 51: comes back under its generation, and whoever judged its claim before does not get it', async () => {
    const { document, binding, event, key } = await bound(anAccount());
    const met = await promoted.arbiter.claims.read(key, { consistent: true });
    expect(await settle(event)).toBe('adopt');
    expect((await promoted.row(document.memberId))?.document.accounts).toEqual([binding]);
    const other = { memberId: newMemberId(), unit: 'a1', operationId: 'late', leaseUntilMs: Date.now() + 15_000 };
    const late = await promoted.arbiter.claims.takeOver(key, binding.generation, other, met?.operationId);
    expect(late).toMatchObject({ won: false, claim: { memberId: document.memberId, generation: binding.generation } });
  });

  test('race 52: is listed, and not bound, if its claim has moved on', async () => {
    const { document, binding, event, key } = await bound(anAccount());
    const other = { memberId: newMemberId(), unit: 'a1', operationId: 'other', leaseUntilMs: Date.now() + 15_000 };
    await promoted.arbiter.claims.takeOver(key, binding.generation, other);
    expect(await settle(event)).toBe('quarantine');
    expect((await promoted.row(document.memberId))?.document.accounts).toEqual([]);
    expect(await promoted.listed(document.memberId)).toMatchObject([{ value: binding, reason: 'claim moved' }]);
    expect(await promoted.arbiter.claims.read(key, { consistent: true })).toMatchObject({ memberId: other.memberId });
  });

  test('race 51: is settled under another operation if somebody gave up on the first', async () => {
    const { document, binding, event } = await bound(anAccount());
    const first = { memberId: document.memberId, operationId: `r0:${document.memberId}:${event.version}` };
    await promoted.unit.shards.members.abort(first, NEXT, 'A', 5000);
    expect(await settle(event)).toBe('adopt');
    expect((await promoted.row(document.memberId))?.document.accounts).toEqual([binding]);
  });
});

test('an undecided member is decided by its event; until then its operations are not given up, and it refuses writes', async () => {
  const row = await promoted.registered();
  const { document } = row;
  await promoted.unit.failOver();
  await promoted.makeUndecided(document.memberId);
  const event = eventAfter(document, lostAfter(document, inCity(document, 'lost')));
  expect(await promoted.unit.shards.members.abort(event, NEXT, 'A', 5000)).toEqual({ kind: 'undecided' });
  expect(await settle(event)).toBe('adopt');
  expect(await promoted.isUndecided(document.memberId)).toBe(false);
});

test('an operation without an outcome is off the list once its event comes, and no other one, though its unit has moved on since', async () => {
  const { document } = await promoted.registered();
  const { memberId, updatedAt: listedAt } = document;
  const earlier = eventAfter(document, lostAfter(document, inCity(document, 'lost')));
  const event = eventAfter(earlier.document, lostAfter(earlier.document, inCity(document, 'later')));
  const nothing = { value: null, kept: null, base: null, reason: 'no outcome found', listedAt };
  for (const operationId of ['unknown', earlier.operationId, event.operationId]) {
    const entry = { memberId, epoch: NEXT, version: UNKNOWN_VERSION, field: `*:${operationId}`, operationId };
    await promoted.arbiter.lost.put('a1', { ...entry, ...nothing });
  }
  await promoted.unit.failOver('a1', NEXT + 1);
  const left = async () => (await promoted.listed(memberId)).map(({ operationId }) => operationId).sort();
  expect(await settle(event, { epoch: NEXT + 1 })).toBe('adopt');
  expect(await left()).toEqual(['unknown', earlier.operationId].sort());
  expect(await settle(earlier, { epoch: NEXT + 1 })).toBe('contained');
  expect(await left()).toEqual(['unknown']);
});

test.each([
  ['the fence names another epoch', () => promoted.unit.database.query('UPDATE twinkeep.fence SET epoch = epoch + 1')],
  ['the lease is over', () => promoted.unit.database.query("UPDATE twinkeep.lease SET lease_until = '2025-01-01'")],
])('race 20: nothing is settled where %s', async (_, happens) => {
  const { document } = await promoted.registered();
  await promoted.unit.failOver();
  await happens();
  const event = eventAfter(document, lostAfter(document, inCity(document, 'lost')));
  await expect(settle(event)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await reached(document.memberId)).toEqual([document.version, 'replicated']);
});

test('while a unit moves its events come back', async () => {
  const { document } = await promoted.registered();
  const event = eventAfter(document, lostAfter(document, inCity(document, 'lost')));
  const moving = { ...UNIT, mode: 'read-only' } as const;
  await expect(reconcileEvent(promoted.parts)(event, moving)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('copies follow: caches drop the lost version, and its keys are taken back', async () => {
  const row = await promoted.registered();
  const { document } = row;
  await promoted.unit.failOver();
  const lost: MemberDocument = lostAfter(document, { profile: { ...document.profile, phone: '+491511234567' } });
  await promoted.write(row, {
    version: versionOf(NEXT, 1),
    profile: { ...document.profile, phone: '+491510000000' },
  });
  expect(await settle(eventAfter(document, lost))).toBe('quarantine');
  const [event] = (await promoted.owed(document.memberId)).slice(-1);
  expect(event?.removedKeys).toEqual([{ kind: 'phone', value: '+491511234567' }]);
  expect(epochOf(event?.version ?? 0)).toBe(NEXT);
  for (const region of ['A', 'B'] as const) {
    const floor = await promoted.regions[region].inside.get(`${memberKey(document.memberId)}:floor`);
    expect(Number(floor)).toBe(event?.version);
  }
});
