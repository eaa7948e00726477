import { randomUUID } from 'node:crypto';
import { rangeOf, type WriteOutcome, type WriteTrip } from '../../../lambdas/shards';
import { type Database, EPOCH, startDatabase } from './database';
import { documentOf, footprint, NOTHING, newId, tripOf, WHOLE } from './trips';

/** Locks are waited for until the test ends them, never until a time is over. */
let database: Database;
beforeAll(async () => {
  database = await startDatabase({ lockWaitS: 30 });
});
afterAll(() => database.stop());
beforeEach(async () => {
  await database.query(`UPDATE twinkeep.fence SET epoch = ${EPOCH}`);
  await database.grantLease(60_000);
});

const TIMEOUT_MS = 20_000;
const write = (trip: WriteTrip): Promise<WriteOutcome> => database.shards.members.write(trip, 'A', TIMEOUT_MS);
const footprintOf = (memberId: string, operationId: string) => footprint(database, memberId, operationId);

/** A member that exists, and a trip that would make its second version. */
async function secondTrip(): Promise<WriteTrip> {
  const first = documentOf(newId(), 1);
  await write(tripOf(first));
  return tripOf(documentOf(first.memberId, 2), { expected: first.version });
}

const lockRow = ({ range, document }: WriteTrip) =>
  database.hold(`SELECT * FROM ${range.schema}.member WHERE member_id = ${document.memberId} FOR UPDATE`);

const readFenced = ({ document, operationId }: WriteTrip, epoch = EPOCH) =>
  database.shards.members.readFenced({ memberId: document.memberId, operationId }, epoch, 'A', TIMEOUT_MS);
const abort = ({ document, operationId }: WriteTrip, epoch = EPOCH) =>
  database.shards.members.abort({ memberId: document.memberId, operationId }, epoch, 'A', TIMEOUT_MS);

const decide = ({ range, operationId }: WriteTrip) =>
  `INSERT INTO ${range.schema}.operation VALUES ('${operationId}', 'committed', SYSDATE(6))`;

describe('the relay', () => {
  const place = { cluster: 'a1', schema: rangeOf(newId(0)).schema };
  const takeDue = (limit = 100) => database.shards.outbox.takeDue(place, 'A', limit);
  const fallDue = (memberId: string, agoS: number) =>
    database.query(`UPDATE ${place.schema}.outbox SET next_at = SYSDATE(6) - INTERVAL ${agoS} SECOND
      WHERE member_id = ${memberId}`);
  const dueTrip = async (agoS: number) => {
    const trip = tripOf(documentOf(newId(0), 1));
    await write(trip);
    await fallDue(trip.document.memberId, agoS);
    return trip;
  };
  beforeEach(() => database.query(`DELETE FROM ${place.schema}.outbox`));

  test('race 10: skips no event that was committed later than one it has taken, nor waits for it', async () => {
    const late = tripOf(documentOf(newId(0), 1));
    const held = await database.hold(`INSERT INTO ${place.schema}.outbox (member_id, version, event, next_at) VALUES
      (${late.document.memberId}, ${late.document.version}, '${JSON.stringify(late.event).replace(/['\\]/g, '\\$&')}',
      SYSDATE(6) - INTERVAL 1 HOUR)`);
    const early = await dueTrip(1);
    expect(await takeDue()).toEqual([early.event]);
    await held.commit();
    expect(await takeDue()).toEqual([late.event]);
    expect(await takeDue()).toEqual([]);
  });

  test('race 10: leaves what another relay is taking to it', async () => {
    const [taken, free] = [await dueTrip(2), await dueTrip(1)];
    const held = await database.hold(`SELECT * FROM ${place.schema}.outbox
      WHERE member_id = ${taken.document.memberId} FOR UPDATE`);
    expect(await takeDue()).toEqual([free.event]);
    await held.release();
    expect(await takeDue()).toEqual([taken.event]);
  });

  test('race 10: takes the longest due first, a bounded number at a time', async () => {
    const trips = [await dueTrip(1), await dueTrip(3), await dueTrip(2)];
    expect(await takeDue(2)).toEqual([trips[1]?.event, trips[2]?.event]);
    expect(await takeDue(2)).toEqual([trips[0]?.event]);
  });
});

test('race 12: an operation is either committed or aborted, whichever comes first', async () => {
  const trip = tripOf(documentOf(newId(), 1));
  const { memberId } = trip.document;
  expect(await abort(trip)).toEqual({ kind: 'aborted' });
  expect(await write(trip)).toEqual({ kind: 'decided' });
  expect(await abort(trip)).toEqual({ kind: 'aborted' });
  expect(await footprintOf(memberId, trip.operationId)).toEqual({ ...NOTHING, operation: 1 });

  const late = tripOf(documentOf(newId(), 1));
  await write(late);
  expect(await abort(late)).toEqual({ kind: 'committed' });
  expect(await abort(late)).toEqual({ kind: 'committed' });
});

test('race 12: a write that is refused leaves its operation undecided', async () => {
  const trip = await secondTrip();
  expect(await write({ ...trip, expected: 0 })).toEqual({ kind: 'version-lost' });
  expect(await readFenced(trip)).toMatchObject({ kind: 'read', decided: undefined });
  expect(await write(trip)).toEqual({ kind: 'committed' });
});

test('race 12: an abort waits for the write that is deciding, and finds what it decided', async () => {
  const trip = await secondTrip();
  const held = await lockRow(trip);
  const writing = write(trip);
  await database.untilSomebodyWaits();
  const aborting = abort(trip);
  await held.release();
  expect(await writing).toEqual({ kind: 'committed' });
  expect(await aborting).toEqual({ kind: 'committed' });
});

test('races 12, 14: a reading that meets the commit sees all of it: a binding is not taken for one given up again', async () => {
  const trip = await secondTrip();
  const { document, range } = trip;
  const committing = await database.hold(decide(trip));
  const reading = readFenced(trip);
  await database.untilSomebodyWaits();
  await committing.run(`UPDATE ${range.schema}.member SET version = ${document.version},
    document = JSON_SET(document, '$.version', ${document.version}) WHERE member_id = ${document.memberId}`);
  await committing.commit();
  expect(await reading).toMatchObject({ kind: 'read', decided: 'committed', row: { document } });
});

test('race 13: keys of the database compare byte by byte', async () => {
  const operationId = randomUUID();
  for (const spelling of [operationId.toLowerCase(), operationId.toUpperCase()]) {
    expect(await write(tripOf(documentOf(newId(0), 1), { operationId: spelling }))).toEqual({ kind: 'committed' });
  }
});

test('race 20: raising the fence waits for a write that has passed it', async () => {
  const trip = await secondTrip();
  const held = await lockRow(trip);
  const writing = write(trip);
  await database.untilSomebodyWaits();
  const raise = `SET STATEMENT innodb_lock_wait_timeout = 0 FOR UPDATE twinkeep.fence SET epoch = ${EPOCH + 1}`;
  await expect(database.query(raise)).rejects.toMatchObject({ errno: 1205 });
  await held.release();
  expect(await writing).toEqual({ kind: 'committed' });
});

test.each([EPOCH - 1, EPOCH + 1])('race 20: a write is refused by a fence of another epoch (%i)', async (epoch) => {
  await database.query(`UPDATE twinkeep.fence SET epoch = ${epoch}`);
  const trip = tripOf(documentOf(newId(), 1));
  expect(await write(trip)).toEqual({ kind: 'fenced' });
  expect(await footprintOf(trip.document.memberId, trip.operationId)).toEqual(NOTHING);
});

test('race 20: a write is refused once the lease has ended, or if it is that of another epoch', async () => {
  const trip = tripOf(documentOf(newId(), 1));
  await database.grantLease(0);
  expect(await write(trip)).toEqual({ kind: 'lease-over' });
  await database.grantLease(60_000);
  await database.query('UPDATE twinkeep.lease SET epoch = epoch + 1');
  expect(await write(trip)).toEqual({ kind: 'lease-over' });
  expect(await footprintOf(trip.document.memberId, trip.operationId)).toEqual(NOTHING);
});

test('race 51: what decides about a claim is fenced as a write is: the reading', async () => {
  const trip = tripOf(documentOf(newId(), 1));
  await write(trip);
  const row = { document: trip.document, forks: [] };
  expect(await readFenced(trip)).toEqual({ kind: 'read', row, decided: 'committed' });
  for (const epoch of [EPOCH - 1, EPOCH + 1]) expect(await readFenced(trip, epoch)).toEqual({ kind: 'fenced' });
  await database.query('UPDATE twinkeep.lease SET epoch = epoch + 1');
  expect(await readFenced(trip)).toEqual({ kind: 'lease-over' });
  await database.grantLease(0);
  expect(await readFenced(trip)).toEqual({ kind: 'lease-over' });
});

test('race 51: what decides about a claim is fenced as a write is: the abort', async () => {
  const trip = tripOf(documentOf(newId(), 1));
  for (const epoch of [EPOCH - 1, EPOCH + 1]) expect(await abort(trip, epoch)).toEqual({ kind: 'fenced' });
  await database.query('UPDATE twinkeep.lease SET epoch = epoch + 1');
  expect(await abort(trip)).toEqual({ kind: 'lease-over' });
  await database.grantLease(0);
  expect(await abort(trip)).toEqual({ kind: 'lease-over' });
  expect(await footprintOf(trip.document.memberId, trip.operationId)).toEqual(NOTHING);
});

test('race 55: the lease is judged when the write is done, not when it began to wait for a lock', async () => {
  const trip = await secondTrip();
  const held = await lockRow(trip);
  const writing = write(trip);
  await database.untilSomebodyWaits();
  await database.grantLease(0);
  await held.release();
  expect(await writing).toEqual({ kind: 'lease-over' });
  expect((await readFencedUnderNewLease(trip)).decided).toBeUndefined();
});

async function readFencedUnderNewLease(trip: WriteTrip) {
  await database.grantLease(60_000);
  const read = await readFenced(trip);
  if (read.kind !== 'read') throw new Error(`the reading was refused: ${read.kind}`);
  return read;
}

test('race 55: a lease that ends while the write is committed leaves its outcome open', async () => {
  const trip = tripOf(documentOf(newId(), 1));
  const leaseMs = 1500;
  await write(tripOf(documentOf(newId(), 1)));
  for (const stage of ['START', 'FLUSH', 'BLOCK_DDL']) await database.administer(`BACKUP STAGE ${stage}`);
  await database.grantLease(leaseMs);
  // From here on statements are carried out, but none is committed.
  await database.administer('BACKUP STAGE BLOCK_COMMIT');
  const writing = write(trip);
  await database.query(`DO SLEEP(${leaseMs / 1000})`);
  await database.administer('BACKUP STAGE END');
  // On a machine so slow that the trip did not come as far as its commit, it is refused before.
  expect(['open', 'lease-over']).toContain((await writing).kind);
});

test('race 55: readings and aborts judge the lease after they have waited, too', async () => {
  const trip = await secondTrip();
  const deciding = await database.hold(decide(trip));
  const reading = readFenced(trip);
  const aborting = abort(trip);
  await database.untilSomebodyWaits();
  await database.grantLease(0);
  await deciding.release();
  expect([(await reading).kind, (await aborting).kind]).toEqual(['lease-over', 'lease-over']);
  expect((await readFencedUnderNewLease(trip)).decided).toBeUndefined();
});

test('race 56: a write does not wait for a heartbeat that has locked the lease', async () => {
  const held = await database.hold(`SELECT * FROM twinkeep.lease WHERE unit = 'a1' FOR UPDATE`);
  const trip = tripOf(documentOf(newId(), 1));
  expect(await database.shards.members.write(trip, 'A', 5000)).toEqual({ kind: 'committed' });
  await held.release();
  expect(await footprintOf(trip.document.memberId, trip.operationId)).toEqual(WHOLE);
});

test('race 56: a heartbeat does not wait for a write that takes long', async () => {
  const trip = await secondTrip();
  const held = await lockRow(trip);
  const writing = write(trip);
  await database.untilSomebodyWaits();
  const [clock] = await database.shards.leases.readClocks('a1', 'A');
  if (clock === undefined) throw new Error('unit a1 has a cluster');
  await database.shards.leases.extend({ unit: 'a1', epoch: EPOCH, ...clock }, 3_600_000, 'A');
  await database.shards.leases.beat('a1', 'A');
  await held.release();
  expect(await writing).toEqual({ kind: 'committed' });
});
