import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { MemberDocument, MemberEvent } from '../../../lambdas/core';
import { createDomain, type Domain } from '../../../lambdas/search';
import { consume, DeadLetters, encodeBundle } from '../../../lambdas/sync';
import { MAX_RECEIVES } from '../../../topology';
import { eventOf, memberOf } from '../../engine/search/members';
import { unique } from '../support/client';
import { openParts, SILENT } from '../support/parts';
import { awsClient } from '../support/stores';
import { eventually, readState } from '../support/system';
import { endpoints } from './environment';

// Nothing here is quick on a busy machine.
// Signs for the clients that the rooms open themselves.
const parts = openParts('A');
const sqs = awsClient((options) => new SQSClient(options));
const indexPrefix = `${unique('race')}-`.toLowerCase();
const connect = (url: string): Domain =>
  createDomain({
    name: 'order',
    url,
    holds: 'whole',
    contactKey: 'of these tests',
    log: SILENT,
    replicas: 0,
    indexPrefix,
  });
const domain = connect(endpoints().domains.order);
/** The same domain while nobody answers in its place. */
const lostDomain = connect('http://127.0.0.1:9');

/** A queue as the topology has them, with its dead letters, that nobody but the test consumes. */
const queueName = unique('race');
const urls: Record<string, string> = {};
const urlOf = (name: string) => urls[name] ?? '';
let deadLetters: DeadLetters;

async function createQueue(name: string, redrivePolicy?: object): Promise<void> {
  const Attributes = redrivePolicy === undefined ? {} : { RedrivePolicy: JSON.stringify(redrivePolicy) };
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  urls[name] = QueueUrl;
}

beforeAll(async () => {
  const { accountId, regions } = readState().aws;
  await createQueue(`${queueName}-dead`);
  const deadLetterTargetArn = `arn:aws:sqs:${regions.A}:${accountId}:${queueName}-dead`;
  await createQueue(queueName, { deadLetterTargetArn, maxReceiveCount: MAX_RECEIVES });
  deadLetters = new DeadLetters({ queue: queueName, region: 'A', endpoints: { ...endpoints(), queues: urls } });
  await domain.provision();
});

afterAll(async () => {
  for (const QueueUrl of Object.values(urls)) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  await fetch(`${endpoints().domains.order}/${indexPrefix}members,${indexPrefix}lookups`, { method: 'DELETE' });
  deadLetters?.close();
  sqs.destroy();
  await Promise.all([parts.close(), domain.close(), lostDomain.close()]);
});

const send = (...events: readonly MemberEvent[]) =>
  sqs.send(new SendMessageCommand({ QueueUrl: urlOf(queueName), MessageBody: encodeBundle(events) }));

async function count(name: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: urlOf(name), AttributeNames: ['All'] }),
  );
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
}

/** Takes all messages of a queue that are there now; they stay, and can be seen again at once. */
async function receive(name: string, atLeast: number) {
  const received = new Map<string, { body: string; receipt: string | undefined; error: string | undefined }>();
  await eventually(async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: urlOf(name),
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
        MessageAttributeNames: ['All'],
      }),
    );
    for (const { MessageId = '', Body = '', ReceiptHandle, MessageAttributes } of Messages) {
      received.set(MessageId, { body: Body, receipt: ReceiptHandle, error: MessageAttributes?.error?.StringValue });
    }
    return received.size >= atLeast;
  });
  return received;
}

async function remove(name: string, receipts: readonly (string | undefined)[]): Promise<void> {
  for (const ReceiptHandle of receipts) {
    await sqs.send(new DeleteMessageCommand({ QueueUrl: urlOf(name), ReceiptHandle }));
  }
}

/** One batch, as the event source mapping hands it over: what is not named as failed is deleted. */
async function consumeOnce(target: Domain, messages: number): Promise<void> {
  const received = await receive(queueName, messages);
  const Records = [...received].map(([messageId, { body }]) => ({ messageId, body }));
  const { batchItemFailures } = await consume({ deadLetters, log: SILENT }, { Records }, (events) =>
    target.write(events),
  );
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  await remove(
    queueName,
    [...received].flatMap(([messageId, { receipt }]) => (failed.has(messageId) ? [] : [receipt])),
  );
}

let members = 0;
/** A member as a version of the first epoch has it. */
function member(version = 1, change: Parameters<typeof memberOf>[0] = {}): MemberDocument {
  if (version === 1) members += 1;
  return memberOf({ memberId: String(1000 + members), version, ...change });
}

const ill = (document: MemberDocument): MemberEvent =>
  eventOf({ ...document, profile: { ...document.profile, tier: { of: 'gold' } as never } });

const versionOf = async ({ memberId }: MemberDocument) => (await domain.getMember(memberId, 5000))?.version;

/** The letters, taken off their queue. */
async function takeLetters(expected: number) {
  const letters = await receive(`${queueName}-dead`, expected);
  await remove(
    `${queueName}-dead`,
    [...letters.values()].map(({ receipt }) => receipt),
  );
  return [...letters.values()];
}

test('race 46: while a target is down its messages come back as often as they will, and none becomes a dead letter', async () => {
  const [one, other] = [member(), member()];
  await send(eventOf(one), eventOf(other));
  for (let receives = 0; receives < 8; receives++) await consumeOnce(lostDomain, 1);
  expect(await count(`${queueName}-dead`)).toBe(0);
  await consumeOnce(domain, 1);
  expect([await versionOf(one), await versionOf(other)]).toEqual([1, 1]);
  expect([await count(queueName), await count(`${queueName}-dead`)]).toEqual([0, 0]);
});

test('race 46: of what comes back, only the ill event becomes a dead letter when its target is up again', async () => {
  const [good, bad] = [member(), member()];
  await send(eventOf(good), ill(bad));
  for (let receives = 0; receives < 2; receives++) await consumeOnce(lostDomain, 1);
  await consumeOnce(domain, 1);
  expect(await versionOf(good)).toBe(1);
  const [letter, ...others] = await takeLetters(1);
  expect(others).toEqual([]);
  expect(letter?.error).toMatch(/^.*members 400/);
  expect(JSON.parse(letter?.body ?? '')).toEqual({ events: [ill(bad)] });
  expect(await count(queueName)).toBe(0);
});

test('race 9: of a batch only the messages come back whose events failed for now, each by itself', async () => {
  const blocking = `${endpoints().domains.order}/${indexPrefix}lookups/_settings`;
  const block = (isBlocked: boolean) =>
    fetch(blocking, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ 'index.blocks.write': isBlocked }),
    });
  const [good, neighbour, bad, waiting] = [member(), member(), member(), member(1, { profile: { phone: '+4909' } })];
  await send(eventOf(good));
  await send(ill(bad), eventOf(neighbour));
  await send(eventOf(waiting));
  await block(true);
  await consumeOnce(domain, 3);
  expect([await versionOf(good), await versionOf(neighbour)]).toEqual([1, 1]);
  expect(await count(queueName)).toBe(1);
  expect((await takeLetters(1)).map(({ body }) => body)).toEqual([encodeBundle([ill(bad)])]);
  await block(false);
  await consumeOnce(domain, 1);
  await domain.refresh();
  expect(await domain.lookup({ kind: 'phone', value: '+4909' }, 5000)).toEqual([waiting.memberId]);
  expect([await count(queueName), await count(`${queueName}-dead`)]).toEqual([0, 0]);
});

test('race 8: a dead letter that is sent again after its member has gone on changes nothing', async () => {
  const first = member(1, { profile: { phone: '+4908', city: 'of days ago' } });
  const letter = eventOf(first);
  await deadLetters.put({ body: encodeBundle([letter]), reason: 'a domain that was told wrongly' });
  const removedKeys = [{ kind: 'phone', value: '+4908' }];
  await send(eventOf(member(2, { profile: { city: 'now' } }), removedKeys));
  await consumeOnce(domain, 1);
  for (const { body } of await takeLetters(1)) {
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf(queueName), MessageBody: body }));
  }
  await consumeOnce(domain, 1);
  expect([await count(queueName), await count(`${queueName}-dead`)]).toEqual([0, 0]);
  expect(await domain.getMember(first.memberId, 5000)).toMatchObject({ version: 2, profile: { city: 'now' } });
  await domain.refresh();
  expect(await domain.lookup({ kind: 'phone', value: '+4908' }, 5000)).toEqual([]);
});
