import { type MessageAttributeValue, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AWS_REGIONS, type Region } from '../../topology';
import type { Endpoints } from '../core';

const REQUEST_TIMEOUT_MS = 3000;

/** One queue, by its name, into which messages are put one by one. */
export class WorkQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  /** @throws Error if the configuration names no such queue */
  constructor(options: { queue: string; region: Region; endpoints: Endpoints }) {
    const queueUrl = options.endpoints.queues[options.queue];
    if (queueUrl === undefined) throw new Error(`the configuration names no queue ${options.queue}`);
    this.#queueUrl = queueUrl;
    this.#client = new SQSClient({
      region: AWS_REGIONS[options.region],
      ...(options.endpoints.aws === undefined ? {} : { endpoint: options.endpoints.aws }),
      maxAttempts: 2,
      requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
    });
  }

  /** @throws the client's error if the message was not stored */
  async put(body: string, attributes: Readonly<Record<string, string>> = {}): Promise<void> {
    const texts = Object.entries(attributes).map(([name, text]): [string, MessageAttributeValue] => [
      name,
      { DataType: 'String', StringValue: text },
    ]);
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: body,
        ...(texts.length === 0 ? {} : { MessageAttributes: Object.fromEntries(texts) }),
      }),
    );
  }

  close(): void {
    this.#client.destroy();
  }
}
