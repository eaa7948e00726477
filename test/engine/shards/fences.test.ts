import { type Database, EPOCH, startDatabase } from './database';
import { documentOf, newId, tripOf } from './trips';

let database: Database;
beforeAll(async () => {
  // Statements wait for each other here, and are looked at while they do.
  database = await startDatabase({ lockWaitS: 20 });
});
afterAll(() => database.stop());

let epoch = EPOCH;
beforeEach(async () => {
  // Each test under epochs of its own, as a fence is never lowered.
  epoch += 10;
  await database.shards.fences.raise('a1', epoch, 'A');
  await database.query('UPDATE twinkeep.lease SET lease_until = SYSDATE(6) + INTERVAL 600 SECOND');
});

const rows = async () => {
  const [row] = await database.query(
    'SELECT f.epoch AS fence, l.epoch AS lease, l.lease_until > SYSDATE(6) AS held FROM twinkeep.fence f JOIN twinkeep.lease l USING (unit)',
  );
  return row;
};

const write = (under: number) =>
  database.shards.members.write(tripOf(documentOf(newId(), 1), { epoch: under }), 'A', 15_000);

test('race 20: nothing passes a raised fence under the epoch before, and its lease is over', async () => {
  expect(await write(epoch)).toEqual({ kind: 'committed' });
  expect(await database.shards.fences.raise('a1', epoch + 1, 'A')).toBe(epoch + 1);
  expect(await rows()).toEqual({ fence: epoch + 1, lease: epoch + 1, held: 0 });
  expect(await write(epoch)).toEqual({ kind: 'fenced' });
  expect(await write(epoch + 1)).toEqual({ kind: 'lease-over' });
});

test('race 22: a fence is never lowered, and who comes too late learns it', async () => {
  expect(await database.shards.fences.raise('a1', epoch - 1, 'A')).toBe(epoch);
  expect(await rows()).toEqual({ fence: epoch, lease: epoch, held: 1 });
});

test('raising a fence again changes nothing: a lease that was granted since goes on', async () => {
  expect(await database.shards.fences.raise('a1', epoch, 'A')).toBe(epoch);
  expect(await rows()).toEqual({ fence: epoch, lease: epoch, held: 1 });
});

test('race 20: what has passed the fence is waited for', async () => {
  const passed = await database.hold("SELECT epoch FROM twinkeep.fence WHERE unit = 'a1' LOCK IN SHARE MODE");
  let isRaised = false;
  const raising = database.shards.fences.raise('a1', epoch + 1, 'A').then((standing) => {
    isRaised = true;
    return standing;
  });
  await database.untilSomebodyWaits();
  expect([isRaised, (await rows())?.fence]).toEqual([false, epoch]);
  await passed.commit();
  expect(await raising).toBe(epoch + 1);
});

test('race 56: a heartbeat is not held up by a fence that waits', async () => {
  const passed = await database.hold("SELECT epoch FROM twinkeep.fence WHERE unit = 'a1' LOCK IN SHARE MODE");
  const raising = database.shards.fences.raise('a1', epoch + 1, 'A');
  await database.untilSomebodyWaits();
  await database.shards.leases.beat('a1', 'A');
  await passed.commit();
  await raising;
});

test('a cluster that has no fence is not taken for a silent one', async () => {
  expect(await database.shards.fences.raise('b1', epoch, 'A')).toBe(0);
});

test('race 21: an extension under the epoch before extends nothing', async () => {
  const [clock] = await database.shards.leases.readClocks('a1', 'A');
  await database.shards.fences.raise('a1', epoch + 1, 'A');
  if (clock === undefined) throw new Error('the unit has no cluster');
  await database.shards.leases.extend({ unit: 'a1', epoch, ...clock }, 3_600_000, 'A');
  expect(await rows()).toEqual({ fence: epoch + 1, lease: epoch + 1, held: 0 });
});
