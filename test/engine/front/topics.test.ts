import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteQueueCommand, PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { bundleProcesses, processBundle } from '../../../local/bundle';
import { type Front, startFront } from '../../../local/front';
import type { FrontConfig } from '../../../local/system/process-config';
import { FRONT_VARIABLE } from '../../../local/system/process-config';
import { AWS_REGIONS, type Region } from '../../../topology';
import { temporaryDirectory } from '../../support/directory';
import { freePort } from '../../support/scratch-engine';
import { keptLog } from '../../unit/gateway/hosted';
import { EVENTS_QUEUES, frontConfig, frontRegion, IDENTITY, RegionQueues, takeUntil, topicArn } from './fronting';

let queues: Record<Region, RegionQueues>;
let config: FrontConfig;
let front: Front | undefined;
let clients: SNSClient[] = [];

beforeAll(async () => {
  const port = await freePort();
  const [A, B] = await Promise.all([RegionQueues.start('A', port), RegionQueues.start('B', port)]);
  queues = { A, B };
  config = frontConfig(port, { A: frontRegion('A', A.url), B: frontRegion('B', B.url) });
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  clients = [];
  await front?.stop();
  front = undefined;
  await Promise.all(
    [...EVENTS_QUEUES, ...(['A', 'B'] as const).map((region) => ({ name: 'owed', region }))].map(purge),
  );
});

afterAll(() => Promise.all([queues.A.remove(), queues.B.remove()]));

async function purge({ name, region }: { name: string; region: Region }): Promise<void> {
  const client = queues[region].client();
  await client.send(new PurgeQueueCommand({ QueueUrl: queues[region].queueUrl(name) }));
  client.destroy();
}

async function start(overrides: Partial<FrontConfig> = {}): Promise<Front> {
  front = await startFront({ ...config, ...overrides }, keptLog());
  return front;
}

function topicClient(region: Region, maxAttempts = 1): SNSClient {
  const client = new SNSClient({
    endpoint: `http://127.0.0.1:${config.port}`,
    region: AWS_REGIONS[region],
    credentials: IDENTITY,
    maxAttempts,
  });
  clients.push(client);
  return client;
}

function publish(region: Region, Message: string, client = topicClient(region)) {
  return client.send(new PublishCommand({ TopicArn: topicArn(region), Message }));
}

function has(expected: readonly string[]) {
  return (bodies: readonly string[]) => expected.every((body) => bodies.includes(body));
}

test.each(['A', 'B'] as const)(
  'what is published in %s reaches every queue of both regions as it is',
  async (region) => {
    await start();
    const body = JSON.stringify({ name: 'Zoë & <co> "x"', region, line: 'a\nb' });
    const answer = await topicClient(region).send(
      new PublishCommand({
        TopicArn: topicArn(region),
        Message: body,
        MessageAttributes: { trace: { DataType: 'String', StringValue: 't1' } },
      }),
    );
    expect(answer.MessageId).toMatch(/^[0-9a-f-]{36}$/);
    for (const { name, region: where } of EVENTS_QUEUES) {
      const [only] = await takeUntil(queues[where], name, has([body]));
      expect(only).toEqual({ body, attributes: { trace: 't1' } });
    }
  },
);

test('publishes at the same time all arrive', async () => {
  await start();
  const client = topicClient('A');
  const bodies = Array.from({ length: 200 }, (_, index) => `message ${index}`);
  await Promise.all(bodies.map((body) => publish('A', body, client)));
  for (const { name, region } of EVENTS_QUEUES) {
    const taken = await takeUntil(queues[region], name, has(bodies), 40_000);
    expect(new Set(taken.map(({ body }) => body)).size).toBe(bodies.length);
  }
});

test('a batch answers for each entry', async () => {
  await start();
  const { Successful, Failed } = await topicClient('A').send(
    new PublishBatchCommand({
      TopicArn: topicArn('A'),
      PublishBatchRequestEntries: [
        { Id: 'one', Message: '1' },
        { Id: 'two', Message: '2' },
      ],
    }),
  );
  expect(Successful?.map(({ Id }) => Id)).toEqual(['one', 'two']);
  expect(Failed).toEqual([]);
  await takeUntil(queues.B, 'index-standby', has(['1', '2']));
});

test.each([
  ['an empty message', ''],
  ['a message above 256 KiB', 'x'.repeat(256 * 1024 + 1)],
  ['a character that queues refuse', 'a\u0001b'],
])('%s is refused', async (_name, message) => {
  await start();
  await expect(publish('A', message)).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('the largest message reaches the other region', async () => {
  await start();
  const body = 'x'.repeat(256 * 1024);
  await publish('A', body);
  await takeUntil(queues.B, 'invalidate-B', has([body]));
});

test('an unknown topic is not found', async () => {
  await start();
  const client = topicClient('A');
  await expect(client.send(new PublishCommand({ TopicArn: topicArn('B'), Message: 'x' }))).rejects.toMatchObject({
    name: 'NotFoundException',
  });
});

test('a lost region gets what it missed when it returns, and the topic of the lost region refuses quickly', async () => {
  await start();
  await queues.B.kill();
  const bodies = Array.from({ length: 40 }, (_, index) => `missed ${index}`);
  await Promise.all(bodies.map((body) => publish('A', body)));
  await takeUntil(queues.A, 'index-order', has(bodies));
  const startedMs = performance.now();
  await expect(publish('B', 'lost')).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
  expect(performance.now() - startedMs).toBeLessThan(1000);
  await queues.B.start();
  for (const name of ['index-standby', 'index-marketing', 'invalidate-B']) {
    await takeUntil(queues.B, name, has(bodies), 40_000);
  }
});

test('queues whose engine could not store one message keep what they accept after it', async () => {
  const client = queues.B.client();
  const url = (name: string) => queues.B.queueUrl(name);
  // The engine calls the tables of both the same: no character of theirs is a letter, and their hashes are equal.
  const [deleted, twin] = ['-_____-__-_____-_', '_--__-_--__--___-'] as const;
  for (const QueueName of [deleted, twin]) await client.send(new CreateQueueCommand({ QueueName }));
  await client.send(new DeleteQueueCommand({ QueueUrl: url(deleted) }));
  const unstorable = new SendMessageCommand({ QueueUrl: url(twin), MessageBody: 'has no table' });
  await expect(client.send(unstorable, { abortSignal: AbortSignal.timeout(500) })).rejects.toThrow();
  await client.send(new SendMessageCommand({ QueueUrl: url('index-standby'), MessageBody: 'accepted' }));
  await queues.B.kill();
  await queues.B.start();
  await takeUntil(queues.B, 'index-standby', has(['accepted']));
  await client.send(new DeleteQueueCommand({ QueueUrl: url(twin) }));
  client.destroy();
});

test('a queue that takes nothing delays no other, and gets what it missed', async () => {
  const subscriptions = [...config.regions.A.topic.subscriptions, { queue: 'late', region: 'B' as const }];
  const topic = { ...config.regions.A.topic, subscriptions };
  await start({ regions: { ...config.regions, A: { ...config.regions.A, topic } } });
  const bodies = Array.from({ length: 30 }, (_, index) => `early ${index}`);
  await Promise.all(bodies.map((body) => publish('A', body)));
  await takeUntil(queues.B, 'index-standby', has(bodies), 5000);
  const client = queues.B.client();
  await client.send(new CreateQueueCommand({ QueueName: 'late' }));
  client.destroy();
  await takeUntil(queues.B, 'late', has(bodies), 40_000);
});

describe('a front that is killed', () => {
  const bundles = temporaryDirectory('bundles');

  beforeAll(async () => {
    await bundleProcesses(bundles);
  });

  async function spawnFront(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [processBundle(bundles, 'front-process')], {
      stdio: 'ignore',
      env: { ...process.env, [FRONT_VARIABLE]: JSON.stringify(config) },
    });
    const health = () => fetch(`http://127.0.0.1:${config.port}/_front/health`).then((answer) => answer.ok);
    while (!(await health().catch(() => false))) await pause(50);
    return child;
  }

  test('has lost nothing that it accepted', async () => {
    const first = await spawnFront();
    const client = topicClient('A');
    const accepted: string[] = [];
    const all = Array.from({ length: 400 }, async (_, index) => {
      await publish('A', `kept ${index}`, client).then(
        () => accepted.push(`kept ${index}`),
        () => undefined,
      );
    });
    while (accepted.length < 100) await pause(5);
    first.kill('SIGKILL');
    await Promise.all(all);
    expect(accepted.length).toBeLessThan(400);
    const second = await spawnFront();
    for (const { name, region } of EVENTS_QUEUES) await takeUntil(queues[region], name, has(accepted), 60_000);
    second.kill('SIGTERM');
    await once(second, 'exit');
    expect(second.exitCode).toBe(0);
  });
});
