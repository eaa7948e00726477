import { randomUUID } from 'node:crypto';
import { isoTime, type MemberDocument, versionOf } from '../../../lambdas/core';
import { isKeptRead, type Kept, reconcileKept } from '../../../lambdas/failover';
import { rangeOf } from '../../../lambdas/shards';
import { type Database, EPOCH, startDatabase } from '../shards/database';
import { documentAt, newMemberId } from '../sync/one-unit';
import { eventAfter, inCity, lostAfter, NEXT, Promoted } from './promoted';

// Nothing here is quick on a busy machine.
jest.setTimeout(180_000);

let promoted: Promoted;
/** What the lost writer had come to. */
let old: Database;
let kept: Kept;
beforeAll(async () => {
  [promoted, old] = await Promise.all([Promoted.start(), startDatabase()]);
  await old.grantLease(600_000);
});
beforeEach(async () => {
  await promoted.unit.reset();
  kept = { id: `rds:${randomUUID()}`, unit: 'a1', cluster: 'a1', region: 'A', rows: old.shards.recovery };
});
afterAll(() => Promise.all([promoted?.stop(), old?.stop()]));

/** Commits a version at the lost writer only. */
async function committedAtOld(document: MemberDocument, before?: number): Promise<MemberDocument> {
  const event = eventAfter(undefined, document);
  const trip = { operationId: event.operationId, expected: before, document, forks: '[]', event };
  const outcome = await old.shards.members.write(
    { ...trip, range: rangeOf(document.memberId), epoch: EPOCH },
    'A',
    5000,
  );
  expect(outcome).toEqual({ kind: 'committed' });
  return document;
}

/** A member whose first version both have, and whose second one only the lost writer. */
async function withTail(city: string): Promise<{ first: MemberDocument; tail: MemberDocument }> {
  const { document } = await promoted.registered();
  await committedAtOld(document);
  const tail = { ...lostAfter(document, inCity(document, city)), updatedAt: isoTime(Date.now()) };
  return { first: document, tail: await committedAtOld(tail, document.version) };
}

const read = (signal?: AbortSignal) =>
  reconcileKept(promoted.parts as never, kept, { ...(signal === undefined ? {} : { signal }) });
const row = (memberId: string) => promoted.row(memberId).then((found) => found?.document);
const isRead = () => isKeptRead(promoted.arbiter.replays, kept.id);

test('race 25: what only a returned writer has is taken over, once, and what both have is left alone', async () => {
  const { tail } = await withTail('kept');
  const unknown = await committedAtOld(documentAt(newMemberId(), EPOCH, 1, 'never replicated'));
  const { document: shared } = await promoted.registered();
  await committedAtOld(shared);
  await promoted.unit.failOver();
  expect(await isRead()).toBe(false);
  const progress = await read();
  expect(progress).toMatchObject({ isDone: true, reconciled: { adopt: 2, contained: 1 } });
  expect(await row(tail.memberId)).toMatchObject({ version: versionOf(NEXT, 1), profile: { city: 'kept' } });
  expect(await row(unknown.memberId)).toMatchObject({ version: versionOf(NEXT, 1) });
  expect(await row(shared.memberId)).toEqual(shared);
  expect(await isRead()).toBe(true);
  // Under another name the same data is another one's: by then the rows contain it.
  kept = { ...kept, id: `rds:${randomUUID()}` };
  expect((await read()).reconciled).toMatchObject({ adopt: 0, merge: 0, contained: progress.rows });
});

test('race 25: of two changes of one field that of the later epoch stays, and the kept one is listed', async () => {
  const { first, tail } = await withTail('kept');
  await promoted.unit.failOver();
  await promoted.write(
    { document: first, forks: [] },
    { version: versionOf(NEXT, 1), ...inCity(first, 'moved since') },
  );
  expect((await read()).reconciled.quarantine).toBe(1);
  expect(await row(tail.memberId)).toMatchObject({ profile: { city: 'moved since' } });
  expect(await promoted.listed(tail.memberId)).toEqual([
    expect.objectContaining({ field: 'profile.city', value: 'kept', version: tail.version }),
  ]);
});

test('race 42: a registration that was given up meanwhile is not made of what was kept, but listed', async () => {
  const givenUp = await committedAtOld(documentAt(newMemberId(), EPOCH, 1, 'given up'));
  const unanswered = await committedAtOld(documentAt(newMemberId(), EPOCH, 1, 'unanswered'));
  await promoted.unit.failOver();
  const { replays } = promoted.arbiter;
  const [event, other] = [eventAfter(undefined, givenUp), eventAfter(undefined, unanswered)];
  await replays.save('a1', NEXT, { sinceMs: 0 });
  await replays.keepInFlight('a1', NEXT, [event, other]);
  await promoted.unit.shards.members.abort(event, NEXT, 'A', 5000);
  expect((await read()).reconciled).toMatchObject({ adopt: 1, quarantine: 1 });
  expect(await row(unanswered.memberId)).toMatchObject({ version: versionOf(NEXT, 1) });
  expect(await row(givenUp.memberId)).toBeUndefined();
  expect(await promoted.listed(givenUp.memberId)).toMatchObject([
    { field: '*', reason: 'operation aborted', value: expect.objectContaining({ memberId: givenUp.memberId }) },
  ]);
});

test('it goes on where it was interrupted, and begins only while the unit takes writes', async () => {
  const { tail } = await withTail('kept');
  await withTail('kept as well');
  await promoted.unit.failOver();
  await promoted.unit.database.query("UPDATE twinkeep.lease SET lease_until = '2025-01-01'");
  await expect(read()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await isRead()).toBe(false);
  await promoted.unit.database.query('UPDATE twinkeep.lease SET lease_until = SYSDATE(6) + INTERVAL 1 HOUR');
  const ending = new AbortController();
  const onProgress = () => ending.abort();
  const interrupted = await reconcileKept(promoted.parts as never, kept, {
    signal: ending.signal,
    onProgress,
    rowsAtOnce: 1,
  });
  expect(interrupted).toMatchObject({ isDone: false });
  expect(await isRead()).toBe(false);
  const ended = await read();
  expect(ended.isDone).toBe(true);
  expect(ended.rows).toBeGreaterThan(interrupted.rows);
  expect(await row(tail.memberId)).toMatchObject({ version: versionOf(NEXT, 1), profile: { city: 'kept' } });
});
