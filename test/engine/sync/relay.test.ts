import { randomInt } from 'node:crypto';
import type { MemberEvent } from '../../../lambdas/core';
import { rangeOf, type SchemaPlace, schemasOfUnit } from '../../../lambdas/shards';
import { type Publisher, relay } from '../../../lambdas/sync';
import type { Region } from '../../../topology';
import { silent } from '../cache/two-regions';
import { type Database, EPOCH, startDatabase } from '../shards/database';
import { documentAt, eventOf, newMemberId } from './one-unit';
import { StandInTopics } from './topics';

// Nothing here is quick on a busy machine.
let database: Database;
let topics: StandInTopics;
let publisher: Publisher;
beforeAll(async () => {
  [database, topics] = await Promise.all([startDatabase(), StandInTopics.start()]);
});
beforeEach(async () => {
  topics.reset();
  // What one test has refused is left alone for a while by whoever was refused.
  publisher = topics.publisher();
  for (const { schema } of schemasOfUnit('a1')) await database.query(`DELETE FROM ${schema}.outbox`);
});
afterAll(async () => {
  topics?.stop();
  await database?.stop();
});

const OWED_SINCE = '2026-01-02 03:04:05.678000';

/** Events that were committed a while ago in one schema and have not been seen to arrive. */
async function owe(place: SchemaPlace, count: number): Promise<string[]> {
  const events: MemberEvent[] = [];
  while (events.length < count) {
    const memberId = newMemberId();
    if (rangeOf(memberId).schema === place.schema) events.push(eventOf(documentAt(memberId, EPOCH, 1, 'owed')));
  }
  const rows = events.map(
    (event) => `(${event.memberId}, ${event.version}, '${JSON.stringify(event)}', '${OWED_SINCE}')`,
  );
  await database.query(`INSERT INTO ${place.schema}.outbox (member_id, version, event, next_at) VALUES ${rows.join()}`);
  return events.map(({ operationId }) => operationId);
}

const relayUnit = (region: Region = 'A') =>
  relay({ outbox: database.shards.outbox, publisher, region, log: silent }, { name: 'a1', writer: 'A' });

const operations = () => topics.events.map(({ operationId }) => operationId).sort();
const topicsUsed = () => [...new Set(topics.accepted.map(({ topic }) => topic))];

/** The rows of a schema: in how many seconds they are due, and how many seconds that is after `since`. */
async function due({ schema }: SchemaPlace, since: string) {
  const rows = await database.query(
    `SELECT attempts, TIMESTAMPDIFF(SECOND, SYSDATE(6), next_at) AS due_s,
      TIMESTAMPDIFF(SECOND, '${since}', next_at) AS put_off_s FROM ${schema}.outbox`,
  );
  return rows.map((row) => ({
    attempts: Number(row.attempts),
    dueS: Number(row.due_s),
    putOffS: Number(row.put_off_s),
  }));
}

const now = async () => String((await database.query('SELECT SYSDATE(6) AS now'))[0]?.now);

const [first, second] = schemasOfUnit('a1') as [SchemaPlace, SchemaPlace];

test('all that a unit owes is published once, however much it is, and not again before its time', async () => {
  const owed = [...(await owe(first, 130)), ...(await owe(second, 3))].sort();
  const since = await now();
  expect(await relayUnit()).toBe(133);
  expect(operations()).toEqual(owed);
  expect(topicsUsed()).toEqual(['A']);
  for (const { attempts, putOffS } of await due(first, since)) {
    expect(attempts).toBe(1);
    expect(putOffS).toBeGreaterThanOrEqual(30);
  }
});

test.each([
  ['A', 'B'],
  ['B', 'A'],
] as const)('race 44: where the topic of %s is lost, the one of %s tells of what is owed', async (own, other) => {
  topics.refusing.add(own);
  const owed = await owe(first, 2);
  expect(await relayUnit(own)).toBe(2);
  expect(operations()).toEqual(owed.sort());
  expect(topicsUsed()).toEqual([other]);
});

test('what no topic accepts is tried again soon, and not ever more rarely', async () => {
  topics.refusing.add('A').add('B');
  await owe(first, 120);
  expect(await relayUnit()).toBe(0);
  const rows = await due(first, OWED_SINCE);
  // The second batch was not taken: topics that refuse a whole one refuse the next one too.
  expect(rows.filter(({ putOffS }) => putOffS === 0)).toHaveLength(20);
  for (const { attempts, dueS } of rows) expect([attempts, dueS <= 5]).toEqual([0, true]);
});

test('a schema that fails keeps no other one waiting', async () => {
  const owed = await owe(second, 1);
  const away = `${first.schema}.outbox_${randomInt(1e6)}`;
  await database.query(`RENAME TABLE ${first.schema}.outbox TO ${away}`);
  try {
    expect(await relayUnit()).toBe(1);
  } finally {
    await database.query(`RENAME TABLE ${away} TO ${first.schema}.outbox`);
  }
  expect(operations()).toEqual(owed);
});
