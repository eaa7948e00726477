import { randomUUID } from 'node:crypto';
import type { UnitDecision } from '../../../lambdas/arbiter';
import { isoTime, type MemberDocument, type MemberRow, systemClock, versionOf } from '../../../lambdas/core';
import { createReplay, endUndecided, LateMoves, type ReplayParts } from '../../../lambdas/failover';
import { flightOf } from '../../../lambdas/members';
import { createDomain, type Domain } from '../../../lambdas/search';
import { rangeOf } from '../../../lambdas/shards';
import type { Snapshot } from '../../../lambdas/switches';
import { together } from '../../support/together';
import { silent } from '../cache/two-regions';
import { ask, CONTACT_KEY, openDomain, type TestDomain } from '../search/domains';
import { EPOCH } from '../shards/database';
import { documentAt, newMemberId } from '../sync/one-unit';
import { anAccount, eventAfter, inCity, lostAfter, NEXT, Promoted } from './promoted';

// Nothing here is quick on a busy machine.
jest.setTimeout(180_000);

let promoted: Promoted;
let whole: TestDomain;
let masked: TestDomain;
let parts: ReplayParts;
const lost = createDomain({
  name: 'standby',
  url: 'http://127.0.0.1:9',
  holds: 'whole',
  contactKey: CONTACT_KEY,
  log: silent,
});
beforeAll(async () => {
  [promoted, whole, masked] = await together([Promoted.start(), openDomain(), openDomain({ holds: 'masked' })]);
  // What nobody refreshes stays unseen, however slow the machine is.
  await ask('PUT', `/${whole.members}/_settings`, { index: { refresh_interval: '-1' } });
  // It is known to be away: nobody waits for it.
  await promoted.arbiter.decisions.seedSwitch('sync/standby', 'paused');
  parts = {
    ...promoted.parts,
    arbiter: promoted.arbiter,
    domains: { order: whole.domain, standby: lost, marketing: masked.domain },
  };
});
let epoch = NEXT;
beforeEach(async () => {
  await promoted.unit.reset();
  // Each failover begins one epoch later, as its progress is kept by epoch.
  epoch += 1;
});
afterAll(() => Promise.all([promoted?.stop(), whole?.remove(), masked?.remove(), lost.close()]));

/** As the fence stands before the replay: raised, and no lease yet. */
async function fenced(): Promise<UnitDecision> {
  await promoted.unit.failOver('a1', epoch);
  await promoted.unit.database.query("UPDATE twinkeep.lease SET lease_until = '2025-01-01'");
  return { unit: 'a1', epoch, writer: 'A', mode: 'read-only', renewals: 0, grantedMs: 0 };
}

const replay = (decision: UnitDecision, changed: Partial<ReplayParts> = {}) =>
  createReplay({ ...parts, ...changed })('a1', decision);

/** A member that was changed a moment ago, so that a comparison looks at it. */
const recent = (document: MemberDocument): MemberDocument => ({ ...document, updatedAt: isoTime(Date.now()) });

const registered = (accounts: readonly string[] = []): Promise<MemberRow> => promoted.registered(accounts);

const row = (memberId: string) => promoted.row(memberId).then((found) => found?.document);

test('races 25, 42: what a whole domain has ahead of its row is taken over, before anybody may write', async () => {
  const { document } = await registered();
  const ahead = recent(lostAfter(document, inCity(document, 'indexed')));
  const unknown = recent(documentAt(newMemberId(), EPOCH, 1, 'never replicated'));
  await whole.domain.write([ahead, unknown].map((one) => eventAfter(undefined, one)));
  const report = await replay(await fenced());
  expect(report).toMatchObject({ unit: 'a1', epoch, inFlight: 'copied', unreachable: ['standby'] });
  expect(report.reconciled.adopt).toBe(2);
  expect(await row(ahead.memberId)).toMatchObject({ version: versionOf(epoch, 1), profile: { city: 'indexed' } });
  expect(await row(unknown.memberId)).toMatchObject({ version: versionOf(epoch, 1) });
});

test('race 25: what only a domain has that answers late is taken over before anybody may write', async () => {
  const { document } = await registered();
  await whole.domain.write([eventAfter(undefined, recent(lostAfter(document, inCity(document, 'indexed'))))]);
  const late: Domain = Object.create(whole.domain, {
    ping: { value: () => Promise.reject(new Error('a late answer')) },
  });
  const decision = await fenced();
  await expect(replay(decision, { domains: { ...parts.domains, order: late } })).rejects.toThrow('is waited for');
  expect(await replay(decision)).toMatchObject({ unreachable: ['standby'], reconciled: { adopt: 1 } });
  expect(await row(document.memberId)).toMatchObject({ version: versionOf(epoch, 1), profile: { city: 'indexed' } });
});

test('race 42: a row follows what only a masked domain has, and takes nothing from it', async () => {
  const { document } = await registered();
  const ahead = recent(lostAfter(document, inCity(document, 'masked')));
  await masked.domain.write([eventAfter(undefined, ahead)]);
  expect(await replay(await fenced())).toMatchObject({ followed: 1 });
  expect(await row(document.memberId)).toMatchObject({ version: versionOf(epoch, 1), profile: { city: 'replicated' } });
  // Its event, when it comes, is still its future.
  expect((await promoted.row(document.memberId))?.forks.at(-1)).toMatchObject({ from: document.version, changed: {} });
});

test('what changed before the last replicated heartbeat is not looked at', async () => {
  const { document } = await registered();
  const old = lostAfter(document, { ...inCity(document, 'indexed'), updatedAt: isoTime(Date.now() - 120_000) });
  await whole.domain.write([eventAfter(undefined, old)]);
  expect(await replay(await fenced())).toMatchObject({ reconciled: { adopt: 0 } });
  await promoted.unit.database.query('UPDATE twinkeep.lease SET heartbeat_at = SYSDATE(6) - INTERVAL 70 SECOND');
  epoch += 1;
  const decision = await fenced();
  expect(await replay(decision)).toMatchObject({ reconciled: { adopt: 1 } });
});

/** As whoever moves claims does before that. */
async function noted({ memberId, accounts }: MemberDocument) {
  const moves = accounts.map(({ account, generation }) => ({ key: `account:app:${account}`, memberId, generation }));
  for (const move of moves) await promoted.arbiter.journal.recordMove('a1', Date.now(), move);
  return moves;
}

test('race 52: a binding whose claim was given away while its unbinding was lost is taken off the row', async () => {
  const [given, kept] = [anAccount(), anAccount()];
  const { document } = await registered([given, kept]);
  const [move] = await noted(document);
  await promoted.arbiter.claims.free(`account:app:${given}`, move?.generation ?? 0);
  expect(await replay(await fenced())).toMatchObject({ dropped: 1 });
  // The other move was noted and never made.
  expect(await row(document.memberId)).toMatchObject({ accounts: [{ account: kept }] });
});

test('race 52: a claim that is moved only when the replay has found that it had not been loses its binding afterwards', async () => {
  const [moved, kept] = [anAccount(), anAccount()];
  const { document } = await registered([moved, kept]);
  const [move] = await noted(document);
  expect(await replay(await fenced())).toMatchObject({ dropped: 0 });
  await promoted.arbiter.claims.free(`account:app:${moved}`, move?.generation ?? 0);
  await promoted.unit.database.query('UPDATE twinkeep.lease SET lease_until = SYSDATE(6) + INTERVAL 60 SECOND');
  let laterMs = 0;
  const clock = { ...promoted.parts.clock, nowMs: () => Date.now() + laterMs };
  const late = new LateMoves({ ...promoted.parts, arbiter: promoted.arbiter, clock });
  const units = { a1: { epoch, writer: 'A', mode: 'database' } };
  const sweep = () => late.sweep('A', { units } as unknown as Snapshot);
  expect(await sweep()).toBe(0);
  laterMs = 61_000;
  expect(await sweep()).toBe(1);
  expect(await row(document.memberId)).toMatchObject({ accounts: [{ account: kept }] });
});

test('race 44: lately changed members are owed to all consumers once more, at a bounded pace', async () => {
  const before = await registered();
  const after = await promoted.write(before, { version: before.document.version + 1 });
  const { memberId, version } = after.document;
  const { schema } = rangeOf(memberId);
  const others = await Promise.all(Array.from({ length: 30 }, () => registered()));
  await Promise.all(
    others
      .filter(({ document }) => rangeOf(document.memberId).schema === schema)
      .map((other) => promoted.write(other, { version: other.document.version + 1 })),
  );
  await promoted.unit.database.query(`DELETE FROM ${schema}.outbox`);
  expect((await replay(await fenced())).republished).toBeGreaterThan(0);
  expect(await promoted.owed(memberId)).toMatchObject([{ version, memberId, changed: ['*'] }]);
  const sql = `SELECT COUNT(*) AS n, TIMESTAMPDIFF(MICROSECOND, MIN(next_at), MAX(next_at)) AS us FROM ${schema}.outbox`;
  const [pace] = await promoted.unit.database.query(sql);
  expect(Number(pace?.n)).toBeGreaterThan(1);
  expect(Number(pace?.us)).toBeGreaterThanOrEqual((Number(pace?.n) - 1) * 9000);
});

describe('an operation that was under way', () => {
  /** As its writer in B left it: begun, and not seen to end. */
  async function underWay(memberId: string, operationId: string = randomUUID()) {
    const cache = await promoted.regions.environment('B');
    await cache.mark([], operationId, flightOf(memberId, operationId));
    return operationId;
  }
  const snapshot = (): Snapshot => ({ units: { a1: { epoch, writer: 'A', mode: 'database' } } }) as unknown as Snapshot;
  const end = () =>
    endUndecided(
      { arbiter: promoted.arbiter, shards: promoted.unit.shards, region: 'A', clock: systemClock, log: silent },
      snapshot(),
    );

  test('leaves its member undecided if no outcome is found, and nobody else', async () => {
    const [open, decided, found] = [await registered(), await registered(), await registered()];
    await underWay(open.document.memberId);
    const event = eventAfter(decided.document, recent(lostAfter(decided.document, inCity(decided.document, 'told'))));
    await promoted.unit.commit({ document: event.document, event, before: decided.document.version });
    await underWay(decided.document.memberId, event.operationId);
    await underWay(found.document.memberId);
    const ahead = recent(lostAfter(found.document, inCity(found.document, 'found')));
    await whole.domain.write([eventAfter(undefined, ahead)]);
    await replay(await fenced());
    const undecided = [open, decided, found].map(({ document }) => promoted.isUndecided(document.memberId));
    expect(await Promise.all(undecided)).toEqual([true, false, false]);
  });

  test('leaves its member undecided if it left a claim pending that an earlier version, which was found, does not hold', async () => {
    const [{ document: before }, { document: after }] = [await registered(), await registered()];
    const [, binding] = [
      await promoted.claimed(before.memberId, anAccount()),
      await promoted.claimed(after.memberId, anAccount()),
    ];
    const found = [lostAfter(before, inCity(before, 'found')), lostAfter(after, { accounts: [binding] })];
    await whole.domain.write(found.map((one) => eventAfter(undefined, recent(one))));
    expect(await replay(await fenced())).toMatchObject({ reconciled: { adopt: 2 } });
    expect(await promoted.isUndecided(before.memberId)).toBe(true);
    expect(await promoted.isUndecided(after.memberId)).toBe(false);
  });

  test('leaves its member undecided if it left a claim pending', async () => {
    const { document } = await registered();
    await promoted.claimed(document.memberId, anAccount());
    await replay(await fenced());
    expect(await promoted.isUndecided(document.memberId)).toBe(true);
  });

  test('is listed when its time is over, and its member may write again', async () => {
    const { document } = await registered();
    const operationId = await underWay(document.memberId);
    await replay(await fenced());
    await end();
    expect(await promoted.isUndecided(document.memberId)).toBe(true);
    const { schema } = rangeOf(document.memberId);
    await promoted.unit.database.query(`UPDATE ${schema}.undecided SET since = SYSDATE(6) - INTERVAL 61 SECOND`);
    expect(await end()).toBeGreaterThan(0);
    expect(await promoted.isUndecided(document.memberId)).toBe(false);
    expect(await promoted.listed(document.memberId)).toMatchObject([{ operationId, reason: 'no outcome found' }]);
  });
});

describe('a request that has not been seen to end', () => {
  const requested = async (memberId: string) => {
    const operationId = randomUUID();
    const taking = { memberId, unit: 'a1', operationId, leaseUntilMs: Date.now() + 60_000, requestHash: 'hash' };
    await promoted.arbiter.claims.take(`request:shop:${operationId}`, taking);
    return operationId;
  };
  const decided = async (memberId: string, ...operationIds: string[]) => [
    ...(await promoted.unit.shards.recovery.decided(memberId, operationIds, 'A')).entries(),
  ];

  test('race 31: has been carried out if its member comes back from a domain', async () => {
    const memberId = newMemberId();
    const operationId = await requested(memberId);
    await whole.domain.write([eventAfter(undefined, recent(documentAt(memberId, EPOCH, 1, 'never replicated')))]);
    await replay(await fenced());
    expect(await decided(memberId, operationId)).toEqual([[operationId, 'committed']]);
    expect(await promoted.isUndecided(memberId)).toBe(false);
  });

  test('race 31: is not answered by a member that another one may have registered', async () => {
    const [drawn, { document }] = [newMemberId(), await registered()];
    const twice = [await requested(drawn), await requested(drawn)];
    const late = await requested(document.memberId);
    const found = [documentAt(drawn, EPOCH, 1, 'lost'), lostAfter(document, inCity(document, 'lost'))];
    await whole.domain.write(found.map((one) => eventAfter(undefined, recent(one))));
    await replay(await fenced());
    expect(await decided(drawn, ...twice)).toEqual([]);
    expect(await decided(document.memberId, late)).toEqual([]);
  });
});

test('a replay that is killed anywhere and run again comes to the same, and counts once', async () => {
  const { document } = await registered([anAccount()]);
  const ahead = recent(lostAfter(document, inCity(document, 'indexed')));
  await whole.domain.write([eventAfter(undefined, ahead)]);
  const decision = await fenced();
  let saves = 0;
  let report: Awaited<ReturnType<typeof replay>> | undefined;
  for (let dieAt = 1; report === undefined; dieAt += 1) {
    saves = 0;
    const dying = {
      ...promoted.arbiter.replays,
      save: async (...saved: Parameters<typeof promoted.arbiter.replays.save>) => {
        saves += 1;
        if (saves > 1) throw new Error('killed');
        await promoted.arbiter.replays.save(...saved);
      },
    };
    const arbiter = dieAt < 12 ? { ...promoted.arbiter, replays: dying } : promoted.arbiter;
    report = await replay(decision, { arbiter }).catch(() => undefined);
  }
  expect(report.reconciled).toMatchObject({ adopt: expect.any(Number), quarantine: 0 });
  expect(await row(document.memberId)).toMatchObject({ version: versionOf(epoch, 1), profile: { city: 'indexed' } });
  expect(await replay(decision)).toMatchObject({ republished: report.republished, compared: report.compared });
});

test('race 20: a replay that slept into another epoch changes nothing', async () => {
  const { document } = await registered();
  await whole.domain.write([eventAfter(undefined, recent(lostAfter(document, inCity(document, 'indexed'))))]);
  const decision = await fenced();
  await promoted.unit.database.query('UPDATE twinkeep.fence SET epoch = epoch + 1');
  await expect(replay(decision)).rejects.toThrow();
  expect(await row(document.memberId)).toMatchObject({ version: document.version });
});

test('without the cache that was told of operations the replay goes on, and says so', async () => {
  const deaf = { ...promoted.cache, inFlight: () => Promise.reject(new Error('away')) };
  expect(await replay(await fenced(), { cache: deaf })).toMatchObject({ inFlight: 'unknown' });
});
