import { AwsFailure } from './aws-error';
import { exchange } from './exchange';

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

export interface QueueMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
}

export interface ReceivedMessage extends QueueMessage {
  readonly receiptHandle: string;
}

interface SendBatchAnswer {
  readonly Failed?: readonly { readonly Id: string; readonly Code: string; readonly Message?: string }[];
}

interface ReceiveAnswer {
  readonly Messages?: readonly {
    readonly Body: string;
    readonly ReceiptHandle: string;
    readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>>;
  }[];
}

const TIMEOUT_MS = 5000;
/** Time to settle what was received; after a crash it is seen again then. */
const CLAIM_S = 15;

/** The calls to one region's queues that a topic needs, in the JSON protocol of SQS. Batches are of 1-10 messages. */
export class QueueClient {
  readonly #url: URL;
  readonly #accountId: string;
  readonly #what: string;

  constructor(url: string, accountId: string, awsRegion: string) {
    this.#url = new URL(url);
    this.#accountId = accountId;
    this.#what = `SQS in ${awsRegion}`;
  }

  /**
   * @returns for each message undefined, or why it was refused
   * @throws AwsFailure if the queue as a whole refuses or cannot be reached
   */
  async send(queue: string, messages: readonly QueueMessage[], delayS = 0): Promise<(AwsFailure | undefined)[]> {
    const answer = await this.#call<SendBatchAnswer>('SendMessageBatch', queue, {
      Entries: messages.map(({ body, attributes }, index) => ({
        Id: String(index),
        MessageBody: body,
        ...(Object.keys(attributes).length === 0 ? {} : { MessageAttributes: attributes }),
        ...(delayS === 0 ? {} : { DelaySeconds: delayS }),
      })),
    });
    const refused = new Map(answer.Failed?.map((failed) => [Number(failed.Id), failed]));
    return messages.map((_, index) => {
      const failed = refused.get(index);
      return failed === undefined
        ? undefined
        : new AwsFailure(500, failed.Code, failed.Message ?? 'Refused by the queue');
    });
  }

  /** Up to ten of the messages that can be had now; there may be none. */
  async receive(queue: string): Promise<readonly ReceivedMessage[]> {
    const request = {
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 0,
      VisibilityTimeout: CLAIM_S,
      MessageAttributeNames: ['All'],
    };
    const answer = await this.#call<ReceiveAnswer>('ReceiveMessage', queue, request);
    return (answer.Messages ?? []).map((message) => ({
      body: message.Body,
      attributes: message.MessageAttributes ?? {},
      receiptHandle: message.ReceiptHandle,
    }));
  }

  async delete(queue: string, messages: readonly ReceivedMessage[]): Promise<void> {
    await this.#call('DeleteMessageBatch', queue, {
      Entries: messages.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle })),
    });
  }

  /** Lets messages be received again at once. */
  async release(queue: string, messages: readonly ReceivedMessage[]): Promise<void> {
    await this.#call('ChangeMessageVisibilityBatch', queue, {
      Entries: messages.map(({ receiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: 0,
      })),
    });
  }

  async #call<Answer>(operation: string, queue: string, request: Readonly<Record<string, unknown>>): Promise<Answer> {
    const path = `/${this.#accountId}/${queue}`;
    const answer = await exchange(this.#url, {
      path,
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
      body: Buffer.from(JSON.stringify({ QueueUrl: `${this.#url.origin}${path}`, ...request })),
      timeoutMs: TIMEOUT_MS,
      what: this.#what,
    });
    const text = answer.body.toString('utf8');
    if (answer.status === 200) return (text === '' ? {} : JSON.parse(text)) as Answer;
    throw new AwsFailure(
      answer.status,
      'QueueRefused',
      `${operation} on ${queue}: ${answer.status} ${text.slice(0, 300)}`,
    );
  }
}
