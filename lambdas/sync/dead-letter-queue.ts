import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AWS_REGIONS, type Queue } from '../../topology';
import type { Endpoints } from '../core';

export interface DeadLetter {
  readonly messageId: string;
  /** When it was put among the dead letters. */
  readonly sentAt: string;
  readonly receives: number;
  /** Why it could not be processed; absent where the engine gave up on it. */
  readonly error?: string;
  readonly body: string;
}

export interface RedriveReport {
  readonly moved: number;
  /** Sent, but still among the dead letters as well; consumers take an event twice without harm. */
  readonly notDeleted: number;
  readonly notSent: number;
  /** About how many there are now, those among them that died again. */
  readonly left: number;
}

const RECEIVE_AT_ONCE = 10;
/** Long enough to send and delete what was received; what is left by a kill reappears after it. */
const HOLD_S = 30;
/** An empty answer may be chance; several in a row are not. */
const EMPTY_RECEIVES = 2;

type Outcome = Exclude<keyof RedriveReport, 'left'>;

/** The address of a queue. */
export type UrlOf = (name: string) => Promise<string>;

const REQUEST_TIMEOUT_MS = 5000;

/** The dead letters of one queue. */
export class DeadLetterQueue {
  readonly client: SQSClient;
  readonly queue: Queue;

  readonly #urlOf: UrlOf;

  constructor(client: SQSClient, queue: Queue, urlOf: UrlOf) {
    this.client = client;
    this.queue = queue;
    this.#urlOf = urlOf;
  }

  /** As functions reach it. */
  static open(queue: Queue, endpoints: Endpoints): DeadLetterQueue {
    const client = new SQSClient({
      region: AWS_REGIONS[queue.region],
      ...(endpoints.aws === undefined ? {} : { endpoint: endpoints.aws }),
      maxAttempts: 2,
      requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
    });
    return new DeadLetterQueue(client, queue, async (name) => {
      const url = endpoints.queues[name];
      if (url === undefined) throw new Error(`the configuration names no queue ${name}`);
      return url;
    });
  }

  /** About how many there are, also those that someone holds at the moment. */
  count(): Promise<number> {
    return this.#countIn(this.queue.deadLetters);
  }

  /** About how many messages the queue itself still has, also those that are being consumed. */
  countWaiting(): Promise<number> {
    return this.#countIn(this.queue.name);
  }

  async #countIn(name: string): Promise<number> {
    const { Attributes } = await this.client.send(
      new GetQueueAttributesCommand({
        QueueUrl: await this.#urlOf(name),
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    const { ApproximateNumberOfMessages = '0', ApproximateNumberOfMessagesNotVisible = '0' } = Attributes ?? {};
    return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
  }

  /** Looks at up to `limit` of them and lays them back. */
  async peek(limit: number): Promise<readonly DeadLetter[]> {
    const url = await this.#urlOf(this.queue.deadLetters);
    const seen = new Map<string, Message>();
    try {
      for await (const messages of this.#receive(url, limit)) {
        for (const message of messages) seen.set(message.MessageId ?? '', message);
      }
      return [...seen.values()].map(describe);
    } finally {
      await Promise.all([...seen.values()].map((message) => this.#layBack(url, message)));
    }
  }

  /**
   * Moves up to `limit` of them back to the queue that they came from, and no more than there are at the start: what
   * dies again while it runs waits for another redrive. Each is sent before it is deleted, so that a kill in between
   * loses none.
   */
  async redrive(limit: number): Promise<RedriveReport> {
    const [from, to] = await Promise.all([this.#urlOf(this.queue.deadLetters), this.#urlOf(this.queue.name)]);
    const report = { moved: 0, notDeleted: 0, notSent: 0 };
    for await (const messages of this.#receive(from, Math.min(limit, await this.count()))) {
      const outcomes = await Promise.all(messages.map((message) => this.#move(from, to, message)));
      for (const outcome of outcomes) report[outcome] += 1;
      // What can't be sent now would only be received again and again.
      if (report.notSent > 0) break;
    }
    return { ...report, left: await this.count() };
  }

  close(): void {
    this.client.destroy();
  }

  async #move(from: string, to: string, message: Message): Promise<Outcome> {
    try {
      await this.client.send(
        new SendMessageCommand({
          QueueUrl: to,
          MessageBody: message.Body,
          MessageAttributes: message.MessageAttributes,
        }),
      );
    } catch {
      await this.#layBack(from, message);
      return 'notSent';
    }
    try {
      await this.client.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle: message.ReceiptHandle }));
      return 'moved';
    } catch {
      return 'notDeleted';
    }
  }

  async *#receive(url: string, limit: number): AsyncGenerator<readonly Message[]> {
    let empty = 0;
    for (let left = limit; left > 0 && empty < EMPTY_RECEIVES; ) {
      const { Messages = [] } = await this.client.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: Math.min(RECEIVE_AT_ONCE, left),
          VisibilityTimeout: HOLD_S,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
        }),
      );
      empty = Messages.length === 0 ? empty + 1 : 0;
      left -= Messages.length;
      if (Messages.length > 0) yield Messages;
    }
  }

  async #layBack(url: string, message: Message): Promise<void> {
    const change = { QueueUrl: url, ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 0 };
    // If this fails, the message reappears by itself once it is no longer held.
    await this.client.send(new ChangeMessageVisibilityCommand(change)).catch(() => undefined);
  }
}

function describe(message: Message): DeadLetter {
  const error = message.MessageAttributes?.error?.StringValue;
  return {
    messageId: message.MessageId ?? '',
    sentAt: new Date(Number(message.Attributes?.SentTimestamp ?? 0)).toISOString(),
    receives: Number(message.Attributes?.ApproximateReceiveCount ?? 0),
    ...(error === undefined ? {} : { error }),
    body: message.Body ?? '',
  };
}
