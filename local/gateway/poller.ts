import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Log } from '../../lambdas/core';
import type { Invoker } from './invoker';
import { failedIds, nextBackoffMs, type QueueSource, queueEvent } from './queue-batch';

export interface PollerSource extends QueueSource {
  readonly queueUrl: string;
  /** Most messages handed over at once, 1-10. */
  readonly batchSize: number;
  /** How many batches are under way at once. */
  readonly concurrency: number;
}

const LONG_POLL_S = 20;
/**
 * After a batch that was not full, so that a steady trickle is handled in batches too: each costs its target nearly as
 * much as a full one. The first message after a quiet time does not wait. Where a batch takes long the machine is busy,
 * and is helped by fewer of them.
 */
const LEAST_REST_MS = 100;
const MOST_REST_MS = 400;
/** Until a message that failed is seen again. */
const RETRY_AFTER_S = 5;

/** Hands a queue's messages to a function, as Lambda's event source mapping does. It outlives its queue's engine. */
export class Poller {
  readonly #source: PollerSource;
  readonly #client: SQSClient;
  readonly #invoker: Invoker;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #loops: Promise<void>[] = [];
  #unreachable = false;

  constructor(source: PollerSource, client: SQSClient, invoker: Invoker, log: Log) {
    this.#source = source;
    this.#client = client;
    this.#invoker = invoker;
    this.#log = log;
  }

  start(): void {
    this.#loops = Array.from({ length: this.#source.concurrency }, () => this.#loop());
  }

  /** Receives nothing more, and resolves once what was received is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }

  async #loop(): Promise<void> {
    let backoffMs = 0;
    while (!this.#stopping.signal.aborted) {
      const progressed = await this.#once();
      backoffMs = progressed ? 0 : nextBackoffMs(backoffMs);
      if (backoffMs > 0) await this.#pause(backoffMs);
    }
  }

  /** One batch; false if it failed whole, or none could be received. */
  async #once(): Promise<boolean> {
    let messages: readonly Message[];
    try {
      messages = await this.#receive();
      this.#noteReachable(true);
    } catch (error) {
      if (this.#stopping.signal.aborted) return true;
      this.#noteReachable(false, error);
      return false;
    }
    if (messages.length === 0) return true;
    const startMs = performance.now();
    const failed = await this.#process(messages);
    await this.#settle(messages, failed);
    const tookMs = performance.now() - startMs;
    if (messages.length < this.#source.batchSize) {
      await this.#pause(Math.min(MOST_REST_MS, Math.max(LEAST_REST_MS, tookMs)));
    }
    return failed.size < messages.length;
  }

  async #receive(): Promise<readonly Message[]> {
    const answer = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#source.queueUrl,
        MaxNumberOfMessages: this.#source.batchSize,
        WaitTimeSeconds: LONG_POLL_S,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal: this.#stopping.signal },
    );
    return answer.Messages ?? [];
  }

  async #process(messages: readonly Message[]): Promise<ReadonlySet<string>> {
    const ids = messages.map((message) => message.MessageId ?? '');
    try {
      return failedIds(ids, await this.#invoker.invoke(queueEvent(messages, this.#source)));
    } catch (error) {
      this.#log.error('batch failed', { function: this.#invoker.name, messages: ids.length, error: asError(error) });
      return new Set(ids);
    }
  }

  /** What cannot be settled is seen again after its visibility timeout: nothing is lost by that. */
  async #settle(messages: readonly Message[], failed: ReadonlySet<string>): Promise<void> {
    const entries = messages.map((message, index) => ({
      Id: String(index),
      ReceiptHandle: message.ReceiptHandle,
      failed: failed.has(message.MessageId ?? ''),
    }));
    const done = entries.filter((entry) => !entry.failed).map(({ Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
    const again = entries
      .filter((entry) => entry.failed)
      .map(({ Id, ReceiptHandle }) => ({ Id, ReceiptHandle, VisibilityTimeout: RETRY_AFTER_S }));
    const QueueUrl = this.#source.queueUrl;
    try {
      await Promise.all([
        done.length > 0 && this.#client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: done })),
        again.length > 0 && this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: again })),
      ]);
    } catch (error) {
      this.#log.warn('batch not settled', { function: this.#invoker.name, error: asError(error) });
    }
  }

  /** One line when the queue is lost and one when it is back: not one for each attempt. */
  #noteReachable(reachable: boolean, error?: unknown): void {
    if (this.#unreachable === !reachable) return;
    this.#unreachable = !reachable;
    if (reachable) this.#log.info('queue reachable again', { function: this.#invoker.name });
    else this.#log.warn('queue unreachable', { function: this.#invoker.name, error: asError(error) });
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('Not an error was thrown');
}
