import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AWS_REGIONS, type Region } from '../../topology';
import type { Endpoints } from '../core';
import type { IllMessage } from './records';

/** An attribute value has a bound of its own; the whole reason stands in the log. */
const REASON_LENGTH = 1000;
const REQUEST_TIMEOUT_MS = 3000;

/** Where a consumer puts what can never be processed, with the reason, so that nothing is dropped in silence. */
export class DeadLetters {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  /** @throws Error if the configuration names no such queue */
  constructor(options: { queue: string; region: Region; endpoints: Endpoints }) {
    const queueUrl = options.endpoints.queues[`${options.queue}-dead`];
    if (queueUrl === undefined) throw new Error(`the configuration names no dead letter queue of ${options.queue}`);
    this.#queueUrl = queueUrl;
    this.#client = new SQSClient({
      region: AWS_REGIONS[options.region],
      ...(options.endpoints.aws === undefined ? {} : { endpoint: options.endpoints.aws }),
      maxAttempts: 2,
      requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
    });
  }

  /** @throws the client's error if the message was not stored: then it must come back to the consumer */
  async put(message: IllMessage): Promise<void> {
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: message.body,
        MessageAttributes: { error: { DataType: 'String', StringValue: message.reason.slice(0, REASON_LENGTH) } },
      }),
    );
  }

  close(): void {
    this.#client.destroy();
  }
}
