import { randomUUID } from 'node:crypto';
import { rangeOf, type WriteOutcome, type WriteTrip } from '../../../lambdas/shards';
import { type Database, EPOCH, startDatabase } from './database';
import { documentOf, footprint, NOTHING, newId, tripOf, WHOLE } from './trips';

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  await database.query(`UPDATE twinkeep.fence SET epoch = ${EPOCH}`);
  await database.grantLease(60_000);
});

const write = (trip: WriteTrip): Promise<WriteOutcome> => database.shards.members.write(trip, 'A', 3000);
const footprintOf = (memberId: string, operationId: string) => footprint(database, memberId, operationId);

test('a write leaves the member, its event and its operation, byte for byte', async () => {
  const document = documentOf(newId(), 1);
  const trip = tripOf(document);
  expect(await write(trip)).toEqual({ kind: 'committed' });
  expect(await footprintOf(document.memberId, trip.operationId)).toEqual(WHOLE);
  const read = await database.shards.members.read(document.memberId, 'A', 1000);
  expect(read.row).toEqual({ document, forks: [] });
  expect(read.heartbeatAgeMs).toBeGreaterThanOrEqual(0);
});

test('an absent member still tells the age of the heartbeat', async () => {
  const read = await database.shards.members.read(newId(), 'A', 1000);
  expect(read.row).toBeUndefined();
  expect(read.heartbeatAgeMs).toBeGreaterThanOrEqual(0);
});

test('a raised fence refuses the trip, and nothing of it remains', async () => {
  await database.query(`UPDATE twinkeep.fence SET epoch = ${EPOCH + 1}`);
  const trip = tripOf(documentOf(newId(), 1));
  expect(await write(trip)).toEqual({ kind: 'fenced' });
  expect(await footprintOf(trip.document.memberId, trip.operationId)).toEqual(NOTHING);
});

test('a lease that has ended refuses the trip, and nothing of it remains', async () => {
  await database.grantLease(0);
  const trip = tripOf(documentOf(newId(), 1));
  expect(await write(trip)).toEqual({ kind: 'lease-over' });
  expect(await footprintOf(trip.document.memberId, trip.operationId)).toEqual(NOTHING);
});

test('a lease of another epoch does not count', async () => {
  await database.query('UPDATE twinkeep.lease SET epoch = epoch + 1');
  expect(await write(tripOf(documentOf(newId(), 1)))).toEqual({ kind: 'lease-over' });
});

test('compare-and-set: of many writers of one version one wins, and the others leave nothing', async () => {
  const first = documentOf(newId(), 1);
  await write(tripOf(first));
  const trips = Array.from({ length: 8 }, () => tripOf(documentOf(first.memberId, 2), { expected: first.version }));
  const outcomes = await Promise.all(trips.map(write));
  expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['committed', 'version-lost']));
  const { schema } = rangeOf(first.memberId);
  const operations = await database.query(
    `SELECT operation_id FROM ${schema}.operation WHERE operation_id IN (${trips.map((t) => `'${t.operationId}'`).join()})`,
  );
  expect(operations).toHaveLength(1);
});

test('an id that is taken is told apart from an operation that is decided', async () => {
  const document = documentOf(newId(), 1);
  const trip = tripOf(document);
  await write(trip);
  expect(await write(trip)).toEqual({ kind: 'decided' });
  expect(await write(tripOf(document))).toEqual({ kind: 'id-taken' });
});

test('an undecided member refuses writes', async () => {
  const document = documentOf(newId(), 1);
  const { schema } = rangeOf(document.memberId);
  await database.query(`INSERT INTO ${schema}.undecided VALUES (${document.memberId}, SYSDATE(6))`);
  expect(await write(tripOf(document))).toEqual({ kind: 'undecided' });
});

test('a fenced reading waits for the operation that is being written', async () => {
  const trip = tripOf(documentOf(newId(), 1));
  const { memberId } = trip.document;
  const { schema } = rangeOf(memberId);
  const held = await database.hold(
    `INSERT INTO ${schema}.operation VALUES ('${trip.operationId}', 'committed', SYSDATE(6))`,
  );
  const reading = database.shards.members.readFenced({ memberId, operationId: trip.operationId }, EPOCH, 'A', 3000);
  expect(await reading).toEqual({ kind: 'busy' });
  await held.release();
});

test('a refused trip leaves no transaction open on its connection', async () => {
  await database.query(`UPDATE twinkeep.fence SET epoch = ${EPOCH + 1}`);
  await Promise.all(Array.from({ length: 12 }, () => write(tripOf(documentOf(newId(), 1)))));
  // Others are shown to the administrator only.
  const open = await database.administer('SELECT COUNT(*) AS n FROM information_schema.innodb_trx');
  expect(Number(open[0]?.n)).toBe(0);
});

test('a server that cannot be reached is told apart from one whose answer was lost', async () => {
  const trip = tripOf(documentOf(newId(), 1));
  process.kill(database.pid, 'SIGSTOP');
  try {
    expect((await database.shards.members.write(trip, 'A', 300)).kind).toBe('open');
  } finally {
    process.kill(database.pid, 'SIGCONT');
  }
  const asked = { memberId: trip.document.memberId, operationId: trip.operationId };
  const settled = await database.shards.members.abort(asked, EPOCH, 'A', 3000);
  expect(['aborted', 'committed']).toContain(settled.kind);
  const left = await footprintOf(trip.document.memberId, trip.operationId);
  expect(left).toEqual(settled.kind === 'committed' ? WHOLE : { ...NOTHING, operation: 1 });
});

test('operations are forgotten once nobody can ask about them, not before', async () => {
  const [old, young] = [tripOf(documentOf(newId(), 1)), tripOf(documentOf(newId(), 1))];
  for (const [trip, days] of [
    [old, 31],
    [young, 29],
  ] as const) {
    await write(trip);
    const { schema } = trip.range;
    await database.query(
      `UPDATE ${schema}.operation SET decided_at = SYSDATE(6) - INTERVAL ${days} DAY WHERE operation_id = '${trip.operationId}'`,
    );
    await database.shards.forgetOperations({ cluster: 'a1', schema }, 'A');
  }
  expect((await footprintOf(old.document.memberId, old.operationId)).operation).toBe(0);
  expect((await footprintOf(young.document.memberId, young.operationId)).operation).toBe(1);
});

test('a lease is extended only under its epoch, and never shortened', async () => {
  await database.grantLease(60_000);
  const until = async () => (await database.query("SELECT lease_until FROM twinkeep.lease WHERE unit = 'a1'"))[0];
  const before = await until();
  const [clock] = await database.shards.leases.readClocks('a1', 'A');
  if (clock === undefined) throw new Error('unit a1 has a cluster');
  await database.shards.leases.extend({ unit: 'a1', epoch: EPOCH, ...clock }, 10_000, 'A');
  expect(await until()).toEqual(before);
  await database.shards.leases.extend({ unit: 'a1', epoch: EPOCH + 1, ...clock }, 3_600_000, 'A');
  expect(await until()).toEqual(before);
  await database.shards.leases.extend({ unit: 'a1', epoch: EPOCH, ...clock }, 3_600_000, 'A');
  expect(await until()).not.toEqual(before);
});

test('the relay takes what is due, once, and ever more rarely', async () => {
  const document = documentOf(newId(), 1);
  const trip = tripOf(document);
  await write(trip);
  const { schema } = rangeOf(document.memberId);
  const place = { cluster: 'a1', schema };
  await database.query(`UPDATE ${schema}.outbox SET next_at = SYSDATE(6) + INTERVAL 1 DAY`);
  expect(await database.shards.outbox.takeDue(place, 'A', 100)).toEqual([]);
  await database.query(`UPDATE ${schema}.outbox SET next_at = SYSDATE(6) WHERE member_id = ${document.memberId}`);
  const taken = await Promise.all([1, 2, 3].map(() => database.shards.outbox.takeDue(place, 'A', 100)));
  expect(taken.flat()).toEqual([trip.event]);
  const delays = await database.query(
    `SELECT attempts, TIMESTAMPDIFF(SECOND, SYSDATE(6), next_at) AS s FROM ${schema}.outbox WHERE member_id = ${document.memberId}`,
  );
  expect(delays).toEqual([{ attempts: 1, s: expect.any(Number) }]);
  expect(Number(delays[0]?.s)).toBeGreaterThan(50);
  await database.shards.outbox.retrySoon(place, [trip.event], 'A');
  const soon = await database.query(
    `SELECT attempts, TIMESTAMPDIFF(SECOND, SYSDATE(6), next_at) AS s FROM ${schema}.outbox WHERE member_id = ${document.memberId}`,
  );
  expect(Number(soon[0]?.s)).toBeLessThanOrEqual(5);
  // The same version, announced once more by another operation: what the row owes has not arrived by that.
  await database.shards.outbox.deleteArrived([{ ...trip.event, operationId: randomUUID() }], 'A');
  expect(await footprintOf(document.memberId, trip.operationId)).toEqual(WHOLE);
  await database.shards.outbox.deleteArrived([trip.event], 'A');
  expect(await footprintOf(document.memberId, trip.operationId)).toEqual({ ...WHOLE, outbox: 0 });
});

test('two consumers that delete the same events, met in another order, never wait crosswise', async () => {
  const trips = Array.from({ length: 40 }, () => tripOf(documentOf(newId(0), 1)));
  await Promise.all(trips.map(write));
  const events = trips.map(({ event }) => event);
  const { outbox } = database.shards;
  await Promise.all([outbox.deleteArrived(events, 'A'), outbox.deleteArrived([...events].reverse(), 'A')]);
  const ids = events.map(({ memberId }) => memberId);
  const { schema } = rangeOf(newId(0));
  expect(await database.query(`SELECT member_id FROM ${schema}.outbox WHERE member_id IN (${ids})`)).toEqual([]);
});
