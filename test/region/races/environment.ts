import { createConnection } from 'mysql2/promise';
import { type Cache, createCache } from '../../../lambdas/cache';
import { type Endpoints, isProblem, type MemberEvent, systemClock } from '../../../lambdas/core';
import { type Command, MemberWriter, type Parts, type WriteOptions, type Written } from '../../../lambdas/members';
import { Deadline } from '../../../lambdas/resilience';
import { rangeOf } from '../../../lambdas/shards';
import { type BatchResponse, encodeBundle, type QueueBatch } from '../../../lambdas/sync';
import { AWS_REGIONS, DOMAIN_NAMES, QUEUES, type Region, TOPIC, UNITS } from '../../../topology';
import { register } from '../support/client';
import { openParts, SILENT } from '../support/parts';
import { engine, eventually, readState, secrets } from '../support/system';

export const TABLE_PREFIX = 'twinkeep-local';
const PATIENCE_MS = 20_000;
/** Where nobody listens. */
export const NOBODY = { host: '127.0.0.1', port: 9 };

const addressOf = (name: string) => ({ host: engine(name).host, port: engine(name).port });

/** Where the functions of the system under test find its parts. */
export function endpoints(): Endpoints {
  const { aws } = readState();
  const cacheOf = (region: Region) => ({ ...addressOf(`redis-${region}`), tls: false });
  const serversOf = (cluster: string) => ({ A: addressOf(`${cluster}-A`), B: addressOf(`${cluster}-B`) });
  const names = QUEUES.flatMap(({ name, deadLetters }) => [name, deadLetters]);
  return {
    databases: Object.fromEntries(UNITS.flatMap(({ clusters }) => clusters).map((name) => [name, serversOf(name)])),
    caches: { A: cacheOf('A'), B: cacheOf('B') },
    domains: Object.fromEntries(
      DOMAIN_NAMES.map((name) => [name, `http://${addressOf(name).host}:${addressOf(name).port}`]),
    ) as Endpoints['domains'],
    aws: aws.endpoint,
    topics: { A: topicArn('A'), B: topicArn('B') },
    queues: Object.fromEntries(names.map((name) => [name, `${aws.endpoint}/${aws.accountId}/${name}`])),
    tablePrefix: TABLE_PREFIX,
  };
}

export function topicArn(region: Region, topic: string = TOPIC): string {
  return `arn:aws:sns:${AWS_REGIONS[region]}:${readState().aws.accountId}:${topic}`;
}

/** The rooms of one region, whose caches are waited for: what is shown here must not depend on how busy a machine is. */
export function openPatientParts(region: Region): Parts & { close(): Promise<void> } {
  const parts = openParts(region);
  const timeoutsMs = { local: 10_000, other: 10_000 };
  const cache = createCache({ region, endpoints: endpoints().caches, clock: systemClock, log: SILENT, timeoutsMs });
  return { ...parts, cache, close: async () => void (await Promise.all([parts.close(), cache.close()])) };
}

export interface Consumer {
  handler(batch: QueueBatch): Promise<BatchResponse>;
  close(): Promise<void>;
}

/** A region's `invalidate` function in an environment of its own in this process, told of these endpoints. */
export async function openInvalidate(region: Region, changed: Partial<Endpoints> = {}): Promise<Consumer> {
  const { databasePassword, contactKey, cursorKey } = secrets();
  const variables = {
    TWINKEEP_STAGE: 'local',
    TWINKEEP_REGION: region,
    TWINKEEP_FUNCTION: `invalidate-${region}`,
    TWINKEEP_ENDPOINTS: JSON.stringify({ ...endpoints(), ...changed }),
    TWINKEEP_SECRETS: JSON.stringify({
      database: { user: 'twinkeep', password: databasePassword },
      contactKey,
      cursorKey,
    }),
  };
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    let loaded: Consumer | undefined;
    await jest.isolateModulesAsync(async () => {
      loaded = await import('../../../lambdas/handlers/invalidate');
    });
    if (loaded === undefined) throw new Error('the function was not loaded');
    return loaded;
  } finally {
    process.env = before;
  }
}

/** Hands events over as a queue does, each in a message of its own. @returns the positions of those that come back */
export async function deliver(consumer: Consumer, ...events: readonly MemberEvent[]): Promise<number[]> {
  const Records = events.map((event, index) => ({ messageId: String(index), body: encodeBundle([event]) }));
  const { batchItemFailures } = await consumer.handler({ Records });
  return batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier)).sort();
}

export interface Withholding {
  readonly parts: Parts;
  readonly events: readonly MemberEvent[];
  /** Publishes them after all, and waits until nothing is owed any more. */
  deliver(): Promise<void>;
}

/** A region whose topic accepts everything and is lost before it delivers any of it. */
export function withholding(parts: Parts, cache: Cache = parts.cache): Withholding {
  const events: MemberEvent[] = [];
  const publish = async (event: MemberEvent) => events.push(event) > 0;
  return {
    parts: { ...parts, cache, publisher: Object.assign(Object.create(parts.publisher), { publish }) },
    events,
    async deliver() {
      for (const event of events) await parts.publisher.publish(event, parts.region, 5000);
      for (const { memberId } of events) await eventually(async () => (await owed(memberId)).length === 0);
    },
  };
}

/** Waits out what is only too slow: a busy machine must decide no test. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const endsAtMs = systemClock.monotonicMs() + PATIENCE_MS; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!isProblem(error, 'UNAVAILABLE') || systemClock.monotonicMs() > endsAtMs) throw error;
    }
  }
}

export function execute(
  parts: Parts,
  memberId: string,
  command: Command,
  acknowledge: WriteOptions['acknowledge'] = 'one',
): Promise<Written> {
  const writer = new MemberWriter(parts);
  return patiently(() =>
    writer.execute(memberId, command, { acknowledge, deadline: Deadline.after(6000, parts.clock) }),
  );
}

/** Moves a member to a city. */
export const toCity = (city: string): Command => ({ kind: 'patch', patch: { city } });

/** Asks a database server beside its room. */
export async function query(name: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const { host, port } = engine(name);
  const password = String(secrets().databasePassword);
  const connection = await createConnection({ host, port, user: 'twinkeep', password });
  try {
    const [rows] = await connection.query(sql);
    return rows as Record<string, unknown>[];
  } finally {
    await connection.end();
  }
}

/** Region in which a member's unit is written while every unit is at home. */
export const homeOf = (memberId: string): Region => (rangeOf(memberId).unit === 'a1' ? 'A' : 'B');

/** Versions of a member whose events have not been seen to arrive. */
export async function owed(memberId: string): Promise<number[]> {
  const { cluster, schema } = rangeOf(memberId);
  const sql = `SELECT version FROM ${schema}.outbox WHERE member_id = ${memberId} ORDER BY version`;
  return (await query(`${cluster}-${homeOf(memberId)}`, sql)).map(({ version }) => Number(version));
}

/** Keeps the relay from telling of this member while a test looks at what an event does. */
export async function holdRelay(memberId: string): Promise<void> {
  const { cluster, schema } = rangeOf(memberId);
  const sql = `UPDATE ${schema}.outbox SET next_at = next_at + INTERVAL 1 HOUR WHERE member_id = ${memberId}`;
  await query(`${cluster}-${homeOf(memberId)}`, sql);
}

/** A member whose unit is written in this region, once its registration has arrived everywhere where it is tidied. */
export async function settledMember(home: Region): Promise<string> {
  const { memberId } = await register([], { region: home });
  expect(homeOf(memberId)).toBe(home);
  await eventually(async () => (await owed(memberId)).length === 0);
  return memberId;
}
