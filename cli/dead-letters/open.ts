import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeadLetterQueue } from '../../lambdas/sync';
import { QUEUES, type Queue } from '../../topology';
import type { SystemState } from '../state';
import { UsageError } from '../usage';

const CONNECT_TIMEOUT_MS = 3000;
const REQUEST_TIMEOUT_MS = 20_000;

export function queueNames(): readonly string[] {
  return QUEUES.map(({ name }) => name);
}

/**
 * @param name of a queue, or of its dead letters
 * @throws UsageError if there is no such queue
 */
export function openQueue(name: string, state: SystemState): DeadLetterQueue {
  const queue = findQueue(name);
  const client = clientOf(queue, state);
  return new DeadLetterQueue(client, queue, (queueName) => urlOf(client, queueName));
}

/** @throws UsageError if there is no such queue, or the client's error if the message was not stored */
export async function putInto(name: string, state: SystemState, body: string): Promise<void> {
  const queue = findQueue(name);
  const client = clientOf(queue, state);
  try {
    await client.send(new SendMessageCommand({ QueueUrl: await urlOf(client, queue.name), MessageBody: body }));
  } finally {
    client.destroy();
  }
}

function clientOf({ region }: Queue, { aws }: SystemState): SQSClient {
  return new SQSClient({
    endpoint: aws.endpoint,
    region: aws.regions[region],
    credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey },
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
  });
}

async function urlOf(client: SQSClient, QueueName: string): Promise<string> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
  if (QueueUrl === undefined) throw new Error(`The queue ${QueueName} has no address`);
  return QueueUrl;
}

function findQueue(name: string): Queue {
  const queue = QUEUES.find((one) => one.name === name || one.deadLetters === name);
  if (queue !== undefined) return queue;
  throw new UsageError(`There is no queue ${name}; there are ${queueNames().join(', ')}.`);
}
