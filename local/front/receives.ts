import type { IncomingMessage, ServerResponse } from 'node:http';
import { exchange, headersToPass, readWhole, writeExchange } from './exchange';

/** Above the 20 s that SQS waits at most. */
const RECEIVE_TIMEOUT_MS = 30_000;
const RELEASE_TIMEOUT_MS = 5000;

interface Received {
  readonly Messages?: readonly { readonly ReceiptHandle: string }[];
}

/** Whether a request waits for messages. */
export function isReceive(request: IncomingMessage): boolean {
  return request.headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage';
}

/**
 * Passes a receive on. The engine goes on waiting when its caller has left, and would hand a message to nobody, unseen
 * until its visibility timeout: such a message is released at once.
 *
 * @throws AwsFailure if the engine is down
 */
export async function passReceive(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  what: string,
): Promise<void> {
  const body = await readWhole(request);
  const path = request.url ?? '/';
  const answer = await exchange(url, {
    path,
    headers: headersToPass(request.headers),
    body,
    timeoutMs: RECEIVE_TIMEOUT_MS,
    what,
  });
  if (!response.destroyed) {
    writeExchange(response, answer);
    return;
  }
  if (answer.status !== 200) return;
  const { Messages = [] } = JSON.parse(answer.body.toString('utf8')) as Received;
  const { QueueUrl } = JSON.parse(body.toString('utf8')) as { QueueUrl?: string };
  if (Messages.length === 0 || QueueUrl === undefined) return;
  const Entries = Messages.map(({ ReceiptHandle }, index) => ({
    Id: String(index),
    ReceiptHandle,
    VisibilityTimeout: 0,
  }));
  await exchange(url, {
    path,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.ChangeMessageVisibilityBatch',
    },
    body: Buffer.from(JSON.stringify({ QueueUrl, Entries })),
    timeoutMs: RELEASE_TIMEOUT_MS,
    what,
  });
}
