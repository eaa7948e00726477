import { type MemberEvent, versionOf } from '../../../lambdas/core';
import { applyByEpoch, type Target } from '../../../lambdas/sync';
import { together } from '../../support/together';
import { openDomain, type TestDomain, TIMEOUT_MS } from '../search/domains';
import { EPOCH } from '../shards/database';
import { documentAt, eventOf, newMemberId, OneUnit } from './one-unit';

// Nothing here is quick on a busy machine.
let unit: OneUnit;
let opened: TestDomain;
beforeAll(async () => {
  [unit, opened] = await together([OneUnit.start(), openDomain()]);
});
beforeEach(() => unit.reset());
afterAll(() => Promise.all([unit?.stop(), opened?.remove()]));

const NEXT = EPOCH + 1;
const write: Target = (events) => opened.domain.write(events);
const settle = jest.fn(async (_: MemberEvent) => undefined);
beforeEach(() => settle.mockClear());
const apply = (events: readonly MemberEvent[], target = write, switches = unit.switches()) =>
  applyByEpoch({ switches, shards: unit.shards, settle }, events, target);
/** Events of older epochs, of which the row's owner has to say what they come to. */
const settled = () => settle.mock.calls.map(([event]) => event);

/** What the search domain has of a member, as of now. */
async function indexed(memberId: string) {
  const document = await opened.domain.getMember(memberId, TIMEOUT_MS);
  return document && [document.version, document.profile.city];
}

/** A member whose first version was replicated before its unit failed over. */
async function registered() {
  const memberId = newMemberId();
  const document = documentAt(memberId, EPOCH, 1, 'replicated');
  await unit.commit({ document, event: eventOf(document) });
  return memberId;
}

/** The first write of the next epoch, made from version `EPOCH.1`: what came after that was lost with the old writer. */
async function movedOn(memberId: string) {
  const document = documentAt(memberId, NEXT, 1, 'moved on');
  const from = versionOf(EPOCH, 1);
  await unit.commit({
    document,
    event: eventOf(document),
    before: from,
    forks: [{ epoch: NEXT, from, changed: {}, taken: {}, at: document.updatedAt }],
  });
  return document;
}

test('an event of the current epoch is applied as it is, without a look at its row', async () => {
  const document = documentAt(newMemberId(), EPOCH, 4, 'told');
  expect(await apply([eventOf(document)])).toEqual([{ ok: true }]);
  expect(await indexed(document.memberId)).toEqual([document.version, 'told']);
});

test('race 42: an event of the lost writer that is ahead of the promoted row does not win; the row is applied', async () => {
  const memberId = await registered();
  await unit.failOver();
  const ahead = documentAt(memberId, EPOCH, 2, 'lost with its writer');
  expect(await apply([eventOf(ahead)])).toEqual([{ ok: true }]);
  expect(await indexed(memberId)).toEqual([versionOf(EPOCH, 1), 'replicated']);

  // Whatever the row says next is not held back by what was lost.
  await movedOn(memberId);
  expect(await apply([eventOf(ahead)])).toEqual([{ ok: true }]);
  expect(await indexed(memberId)).toEqual([versionOf(NEXT, 1), 'moved on']);
});

test('race 42: of a member whose row was never replicated nothing is applied before it is reconciled', async () => {
  await unit.failOver();
  const unknown = documentAt(newMemberId(), EPOCH, 1, 'lost with its writer');
  expect(await apply([eventOf(unknown)])).toEqual([{ ok: true }]);
  expect(await indexed(unknown.memberId)).toBeUndefined();
});

test('race 42: an event that cannot be reconciled yet comes back, and the others of its batch are applied', async () => {
  const [waiting, settled] = [await registered(), await registered()];
  await unit.failOver();
  const events = [waiting, settled].map((memberId) => eventOf(documentAt(memberId, EPOCH, 2, 'lost')));
  const rule = {
    switches: unit.switches(),
    shards: unit.shards,
    settle: async ({ memberId }: MemberEvent) => {
      if (memberId === waiting) throw new Error('the lease is over');
    },
  };
  expect(await applyByEpoch(rule, events, write)).toEqual([
    { ok: false, retriable: true, reason: 'the lease is over' },
    { ok: true },
  ]);
  expect(await Promise.all([waiting, settled].map(indexed))).toEqual([undefined, [versionOf(EPOCH, 1), 'replicated']]);
});

test('race 42: who does not settle hands over what is not in a row: its own copy may have been taken before the failover', async () => {
  const [memberId, unknown] = [await registered(), newMemberId()];
  await unit.failOver();
  const handOver = jest.fn(async (_: MemberEvent) => undefined);
  const rule = { switches: unit.switches(), shards: unit.shards, handOver };
  const contained = eventOf(documentAt(memberId, EPOCH, 1, 'replicated'));
  const lost = [documentAt(memberId, EPOCH, 2, 'lost'), documentAt(unknown, EPOCH, 1, 'lost')].map((one) =>
    eventOf(one),
  );
  expect(await applyByEpoch(rule, [contained, ...lost], write)).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
  const handed = handOver.mock.calls.map(([event]) => event);
  // In whatever order: they are looked at side by side.
  expect(handed).toHaveLength(lost.length);
  expect(handed).toEqual(expect.arrayContaining(lost));
  handOver.mockRejectedValueOnce(new Error('the queue is away'));
  expect(await applyByEpoch(rule, lost.slice(0, 1), write)).toEqual([
    { ok: false, retriable: true, reason: 'the queue is away' },
  ]);
});

test('race 50: every event of an older epoch is settled with its row, however high the row stands', async () => {
  const memberId = await registered();
  await unit.failOver();
  const row = await movedOn(memberId);
  const [contained, lost] = [
    eventOf(documentAt(memberId, EPOCH, 1, 'replicated')),
    eventOf(documentAt(memberId, EPOCH, 2, 'acknowledged, but not replicated')),
  ];
  const outcomes = await apply([contained, lost, eventOf(row)]);
  expect(outcomes).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
  expect(settled()).toEqual([contained, lost]);
  expect(await indexed(memberId)).toEqual([versionOf(NEXT, 1), 'moved on']);
});

test('race 8: a letter that is sent again after a failover brings its row, and takes back keys that the row never had', async () => {
  const memberId = await registered();
  const found = async () => {
    await opened.domain.refresh();
    return opened.domain.lookup({ kind: 'phone', value: '+491511234567' }, TIMEOUT_MS);
  };
  const lost = documentAt(memberId, EPOCH, 2, 'lost with its writer');
  const letter = eventOf({ ...lost, profile: { ...lost.profile, phone: '+491511234567' } });
  expect(await apply([letter])).toEqual([{ ok: true }]);
  expect(await found()).toEqual([memberId]);
  await unit.failOver();
  const row = await movedOn(memberId);
  expect(await apply([eventOf(row), letter])).toEqual([{ ok: true }, { ok: true }]);
  expect(await indexed(memberId)).toEqual([row.version, 'moved on']);
  expect(await found()).toEqual([]);
});

describe('a consumer that is frozen between its look at the epochs and its write', () => {
  /** Writes only after this has happened, the first time. */
  function asleepDuring(happens: () => Promise<unknown>): Target {
    let hasSlept = false;
    return async (events) => {
      if (!hasSlept) await happens();
      hasSlept = true;
      return write(events);
    };
  }

  test('race 54: looks again before its messages are deleted, and what it wrote in between is put right', async () => {
    const memberId = await registered();
    const lost = eventOf(documentAt(memberId, EPOCH, 2, 'lost with its writer'));
    const failover = async () => {
      await unit.failOver();
      await movedOn(memberId);
    };
    expect(await apply([lost], asleepDuring(failover))).toEqual([{ ok: true }]);
    expect(settled()).toEqual([lost]);
    expect(await indexed(memberId)).toEqual([versionOf(NEXT, 1), 'moved on']);
  });

  test('race 54: notices the failover of any unit of its batch', async () => {
    const [ofA, ofB] = [await registered(), newMemberId('b1')];
    const events = [documentAt(ofA, EPOCH, 1, 'told'), documentAt(ofB, EPOCH, 1, 'told')].map((one) => eventOf(one));
    const outcomes = await apply(
      events,
      asleepDuring(() => unit.failOver('b1')),
    );
    expect(outcomes).toEqual([{ ok: true }, { ok: true }]);
    expect(settled()).toEqual([events[1]]);
  });

  test('race 54: gives its messages back if the epoch rises again whenever it looks', async () => {
    const memberId = await registered();
    let epoch = EPOCH;
    const rising: Target = async (events) => {
      await unit.failOver('a1', ++epoch);
      return write(events);
    };
    await expect(apply([eventOf(documentAt(memberId, EPOCH, 2, 'late'))], rising)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});

test('race 54: an environment whose switches are stale finds out by the same look', async () => {
  const memberId = await registered();
  const before = { a1: { epoch: EPOCH, writer: 'A', mode: 'database' } };
  const stale = unit.switches(async () => JSON.stringify({ units: before, search: {}, caches: {}, open: [] }));
  await stale.current();
  await unit.failOver();
  await movedOn(memberId);
  const lost = eventOf(documentAt(memberId, EPOCH, 2, 'lost with its writer'));
  expect(await apply([lost], write, stale)).toEqual([{ ok: true }]);
  expect(settled()).toEqual([lost]);
  expect(await indexed(memberId)).toEqual([versionOf(NEXT, 1), 'moved on']);
});

test('race 8: an outdated event whose row cannot be read is not applied, and comes back without the others', async () => {
  const memberId = await registered();
  await unit.failOver();
  const shards = unit.openShards({ a1: 'lost' });
  const letter = eventOf(documentAt(memberId, EPOCH, 1, 'of days ago'));
  const other = documentAt(newMemberId('b1'), EPOCH, 4, 'told');
  expect(await applyByEpoch({ switches: unit.switches(), shards }, [letter, eventOf(other)], write)).toEqual([
    { ok: false, retriable: true, reason: expect.stringContaining('reached') },
    { ok: true },
  ]);
  expect(await Promise.all([memberId, other.memberId].map(indexed))).toEqual([undefined, [other.version, 'told']]);
  await shards.close();
});
