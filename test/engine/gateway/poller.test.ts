import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Front, startFront } from '../../../local/front';
import { Poller } from '../../../local/gateway/poller';
import type { QueueRecord } from '../../../local/gateway/queue-batch';
import { freePort } from '../../support/scratch-engine';
import { apiFunction, gate, type Handler, invokerOf, keptLog } from '../../unit/gateway/hosted';
import { ACCOUNT_ID, frontConfig, frontRegion, IDENTITY, RegionQueues } from '../front/fronting';

const QUEUE = 'failover-A';
let queues: RegionQueues;
let front: Front;
let client: SQSClient;
let pollers: Poller[] = [];

beforeAll(async () => {
  const port = await freePort();
  queues = await RegionQueues.start('A', port);
  // Through the front, as pollers of the local system go.
  const regions = { A: frontRegion('A', queues.url), B: frontRegion('B', 'http://127.0.0.1:9') };
  front = await startFront(frontConfig(port, regions), keptLog());
  client = queues.client();
});

afterEach(async () => {
  await Promise.all(pollers.map((poller) => poller.stop()));
  pollers = [];
});

afterAll(async () => {
  client?.destroy();
  await front?.stop();
  await queues?.remove();
});

interface Batch {
  readonly Records: readonly QueueRecord[];
}

function poll(handler: (batch: Batch) => unknown, options: { concurrency?: number; batchSize?: number } = {}) {
  const log = keptLog();
  const endpoint = `http://127.0.0.1:${queues.frontPort}`;
  const source = {
    queueUrl: `${endpoint}/${ACCOUNT_ID}/${QUEUE}`,
    arn: `arn:aws:sqs:us-east-1:000000000000:${QUEUE}`,
    awsRegion: 'us-east-1',
    batchSize: 10,
    concurrency: 2,
    ...options,
  };
  const invoker = invokerOf(apiFunction('other', { name: 'consumer', reservedConcurrency: 2 }), handler as Handler);
  const poller = new Poller(
    source,
    new SQSClient({ endpoint, region: 'us-east-1', credentials: IDENTITY, maxAttempts: 1 }),
    invoker,
    log,
  );
  pollers.push(poller);
  poller.start();
  return { poller, log };
}

async function send(...bodies: string[]): Promise<void> {
  await client.send(
    new SendMessageBatchCommand({
      QueueUrl: queues.queueUrl(QUEUE),
      Entries: bodies.map((MessageBody, index) => ({
        Id: String(index),
        MessageBody,
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'test' } },
      })),
    }),
  );
}

/** Messages that the queue still has, seen or not. */
async function left(): Promise<number> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: queues.queueUrl(QUEUE), AttributeNames: ['All'] }),
  );
  const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: taken } = Attributes;
  return Number(visible) + Number(taken);
}

async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const endsAtMs = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > endsAtMs) throw new Error('it did not become true in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('messages arrive as events of an event source mapping, and are deleted once done', async () => {
  const records: QueueRecord[] = [];
  poll(({ Records }) => {
    records.push(...Records);
  });
  await send('one', 'two', 'three');
  await until(() => records.length === 3);
  expect(records.map(({ body }) => body).sort()).toEqual(['one', 'three', 'two']);
  expect(records[0]).toMatchObject({
    messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    receiptHandle: expect.any(String),
    attributes: { ApproximateReceiveCount: expect.stringMatching(/^[1-9]$/) },
    messageAttributes: { kind: { dataType: 'String', stringValue: 'test' } },
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:failover-A',
    awsRegion: 'us-east-1',
  });
  await until(async () => (await left()) === 0);
});

test('a message that is reported as failed comes again after five seconds, the others do not', async () => {
  const seen: { body: string; count: number; atMs: number }[] = [];
  poll(({ Records }) => {
    const isFirst = !seen.some(({ body }) => body === 'ill');
    const atMs = performance.now();
    for (const { body, attributes } of Records) {
      seen.push({ body, count: Number(attributes.ApproximateReceiveCount), atMs });
    }
    const failed = Records.filter(({ body }) => body === 'ill' && isFirst);
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });
  await send('well', 'ill', 'well too');
  await until(() => seen.filter(({ body }) => body === 'ill').length === 2);
  const [first, second] = seen.filter(({ body }) => body === 'ill');
  expect(second?.count).toBeGreaterThan(first?.count ?? 0);
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(4000);
  expect(seen.filter(({ body }) => body !== 'ill')).toHaveLength(2);
  await until(async () => (await left()) === 0);
});

test('while everything fails the pauses grow, and nothing is lost', async () => {
  const attemptsMs: number[] = [];
  let isDown = true;
  const done = new Set<string>();
  const { log } = poll(
    ({ Records }) => {
      attemptsMs.push(performance.now());
      if (isDown) throw new Error('the target is down');
      for (const { body } of Records) done.add(body);
    },
    { concurrency: 1, batchSize: 1 },
  );
  await send('a', 'b', 'c', 'd', 'e');
  await until(() => attemptsMs.length === 5);
  const pauses = attemptsMs.slice(1).map((atMs, index) => atMs - (attemptsMs[index] ?? 0));
  for (const [index, atLeastMs] of [200, 400, 800, 1600].entries())
    expect(pauses[index]).toBeGreaterThanOrEqual(atLeastMs);
  expect(log.lines.filter(({ message }) => message === 'batch failed')).toHaveLength(5);
  isDown = false;
  await until(() => done.size === 5, 30_000);
  await until(async () => (await left()) === 0);
});

test('as many batches as pollers are under way at once', async () => {
  const held = gate();
  let running = 0;
  let most = 0;
  poll(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await held.opened;
      running -= 1;
    },
    { batchSize: 1 },
  );
  await send('1', '2', '3', '4', '5', '6');
  await until(() => running === 2);
  held.open();
  await until(async () => (await left()) === 0);
  expect(most).toBe(2);
});

test('the queue’s engine may be killed and return', async () => {
  const bodies: string[] = [];
  const { log } = poll(({ Records }) => {
    bodies.push(...Records.map(({ body }) => body));
  });
  await queues.kill();
  await until(() => log.lines.some(({ message }) => message === 'queue unreachable'));
  await queues.start();
  await client.send(new SendMessageCommand({ QueueUrl: queues.queueUrl(QUEUE), MessageBody: 'after' }));
  await until(() => bodies.includes('after'));
  expect(log.lines.map(({ message }) => message)).toEqual(['queue unreachable', 'queue reachable again']);
});

test('stopping waits for what was received, and not for what may come', async () => {
  const held = gate();
  const entered = gate();
  let ended = false;
  const { poller } = poll(async () => {
    entered.open();
    await held.opened;
    ended = true;
  });
  await send('last');
  await entered.opened;
  const stopped = poller.stop();
  held.open();
  await stopped;
  expect(ended).toBe(true);
  expect(await left()).toBe(0);
});
