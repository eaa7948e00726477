import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Endpoints, MemberEvent } from '../../../lambdas/core';
import { rangeOf, type SchemaPlace, schemasOfUnit } from '../../../lambdas/shards';
import { decodeBundle, Publisher, relay } from '../../../lambdas/sync';
import type { Region } from '../../../topology';
import { silent } from '../cache/two-regions';
import { IDENTITY } from '../front/fronting';
import { type Database, EPOCH, startDatabase } from '../shards/database';
import { documentAt, eventOf, newMemberId } from './one-unit';

let database: Database;
let topics: Server;
/** Topics that accept nothing, and what the others have accepted. */
const lost = new Set<string>();
const accepted: { topic: string; event: MemberEvent }[] = [];
let publisher: Publisher;

/** Stands where the topics are: no engine refuses on demand. */
async function startTopics(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const parameters = new URLSearchParams(await text(request));
    const topic = parameters.get('TopicArn') ?? '';
    if (lost.has(topic)) return void response.writeHead(503).end();
    const events = decodeBundle(parameters.get('Message') ?? '') as MemberEvent[];
    accepted.push(...events.map((event) => ({ topic, event })));
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end('<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = IDENTITY.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = IDENTITY.secretAccessKey;
  [database, topics] = await Promise.all([startDatabase(), startTopics()]);
  const aws = `http://127.0.0.1:${(topics.address() as AddressInfo).port}`;
  publisher = new Publisher({ endpoints: { aws, topics: { A: 'A', B: 'B' } } as unknown as Endpoints, log: silent });
}, 120_000);
beforeEach(async () => {
  lost.clear();
  accepted.length = 0;
  for (const { schema } of schemasOfUnit('a1')) await database.query(`DELETE FROM ${schema}.outbox`);
});
afterAll(async () => {
  publisher?.close();
  topics?.closeAllConnections();
  topics?.close();
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

const operations = () => accepted.map(({ event }) => event.operationId).sort();

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
  expect(new Set(accepted.map(({ topic }) => topic))).toEqual(new Set(['A']));
  for (const { attempts, putOffS } of await due(first, since)) {
    expect(attempts).toBe(1);
    expect(putOffS).toBeGreaterThanOrEqual(30);
  }
});

test.each([
  ['A', 'B'],
  ['B', 'A'],
] as const)('race 44: where the topic of %s is lost, the one of %s tells of what is owed', async (own, other) => {
  lost.add(own);
  const owed = await owe(first, 2);
  expect(await relayUnit(own)).toBe(2);
  expect(operations()).toEqual(owed.sort());
  expect(new Set(accepted.map(({ topic }) => topic))).toEqual(new Set([other]));
});

test('what no topic accepts is tried again soon, and not ever more rarely', async () => {
  lost.add('A').add('B');
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
