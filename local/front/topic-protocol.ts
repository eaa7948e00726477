import { randomUUID } from 'node:crypto';
import { AwsFailure, asAwsFailure, escapeXml } from './aws-error';
import { MAX_BATCH_BYTES, MAX_BATCH_MESSAGES, messageBytes } from './batches';
import type { MessageAttribute, QueueMessage } from './queue-client';
import type { Topic } from './topic';

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';
// What SQS takes; one message with anything else would make it refuse the batch in which others travel.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

/** Answers the calls to SNS that publishers make, in its query protocol. @throws AwsFailure */
export async function answerTopicCall(topic: Topic, body: string): Promise<string> {
  const parameters = new URLSearchParams(body);
  const action = parameters.get('Action') ?? '';
  const named = parameters.get('TopicArn') ?? parameters.get('TargetArn');
  if (action === 'ListTopics') {
    return answer(action, `<Topics><member><TopicArn>${topic.arn}</TopicArn></member></Topics>`);
  }
  if (named !== topic.arn) throw new AwsFailure(404, 'NotFound', `Topic does not exist; here is ${topic.arn}`);
  if (action === 'GetTopicAttributes') return answer(action, attributesXml({ TopicArn: topic.arn }));
  if (action === 'Publish') {
    const id = await topic.publish(readMessage(parameters, ''));
    return answer(action, `<MessageId>${id}</MessageId>`);
  }
  if (action === 'PublishBatch') return answer(action, await publishBatch(topic, parameters));
  throw new AwsFailure(
    400,
    'InvalidAction',
    `There is no ${action} here, only Publish, PublishBatch, ListTopics, GetTopicAttributes`,
  );
}

function readAttributes(parameters: URLSearchParams, prefix: string): Record<string, MessageAttribute> {
  const attributes: Record<string, MessageAttribute> = {};
  for (let index = 1; ; index += 1) {
    const entry = `${prefix}MessageAttributes.entry.${index}.`;
    const name = parameters.get(`${entry}Name`);
    if (name === null) return attributes;
    const text = parameters.get(`${entry}Value.StringValue`);
    const binary = parameters.get(`${entry}Value.BinaryValue`);
    attributes[name] = {
      DataType: parameters.get(`${entry}Value.DataType`) ?? 'String',
      ...(text === null ? {} : { StringValue: text }),
      ...(binary === null ? {} : { BinaryValue: binary }),
    };
  }
}

function readMessage(parameters: URLSearchParams, prefix: string): QueueMessage {
  const message = { body: parameters.get(`${prefix}Message`) ?? '', attributes: readAttributes(parameters, prefix) };
  if (message.body === '') throw new AwsFailure(400, 'InvalidParameter', 'Invalid parameter: Empty message');
  if (FORBIDDEN.test(message.body)) {
    throw new AwsFailure(400, 'InvalidParameter', 'Invalid parameter: Message has characters that queues refuse');
  }
  if (messageBytes(message) > MAX_BATCH_BYTES) {
    throw new AwsFailure(400, 'InvalidParameter', 'Invalid parameter: Message too long');
  }
  return message;
}

interface BatchEntry {
  readonly id: string;
  readonly message: QueueMessage;
}

function readBatch(parameters: URLSearchParams): BatchEntry[] {
  const entries: BatchEntry[] = [];
  for (let index = 1; ; index += 1) {
    const prefix = `PublishBatchRequestEntries.member.${index}.`;
    const id = parameters.get(`${prefix}Id`);
    if (id === null) break;
    entries.push({ id, message: readMessage(parameters, prefix) });
  }
  if (entries.length === 0) throw new AwsFailure(400, 'EmptyBatchRequest', 'The batch is empty');
  if (entries.length > MAX_BATCH_MESSAGES) {
    throw new AwsFailure(400, 'TooManyEntriesInBatchRequest', `A batch has at most ${MAX_BATCH_MESSAGES} entries`);
  }
  if (new Set(entries.map(({ id }) => id)).size < entries.length) {
    throw new AwsFailure(400, 'BatchEntryIdsNotDistinct', 'Two entries have one id');
  }
  if (entries.reduce((sum, { message }) => sum + messageBytes(message), 0) > MAX_BATCH_BYTES) {
    throw new AwsFailure(400, 'BatchRequestTooLong', 'The batch is too long');
  }
  return entries;
}

async function publishBatch(topic: Topic, parameters: URLSearchParams): Promise<string> {
  const entries = readBatch(parameters);
  const outcomes = await Promise.allSettled(entries.map(({ message }) => topic.publish(message)));
  const successful: string[] = [];
  const failed: string[] = [];
  let refused = 0;
  for (const [index, { id }] of entries.entries()) {
    const outcome = outcomes[index];
    const idXml = `<Id>${escapeXml(id)}</Id>`;
    if (outcome?.status === 'fulfilled') {
      successful.push(`<member>${idXml}<MessageId>${outcome.value}</MessageId></member>`);
    } else {
      const { code, message, status } = asAwsFailure(outcome?.reason);
      if (status === 503) refused += 1;
      const error = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
      failed.push(`<member>${idXml}${error}<SenderFault>${status < 500}</SenderFault></member>`);
    }
  }
  // Where nothing could be stored at all, the call as a whole failed, and clients try it again.
  const [first] = outcomes;
  if (refused === entries.length && first?.status === 'rejected') throw first.reason;
  return `<Successful>${successful.join('')}</Successful><Failed>${failed.join('')}</Failed>`;
}

function attributesXml(attributes: Readonly<Record<string, string>>): string {
  const entries = Object.entries(attributes).map(
    ([key, value]) => `<entry><key>${key}</key><value>${escapeXml(value)}</value></entry>`,
  );
  return `<Attributes>${entries.join('')}</Attributes>`;
}

function answer(action: string, result: string): string {
  const metadata = `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
  return `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${result}</${action}Result>${metadata}</${action}Response>`;
}
