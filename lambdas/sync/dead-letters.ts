import type { Region } from '../../topology';
import type { Endpoints } from '../core';
import type { IllMessage } from './records';
import { WorkQueue } from './work-queue';

/** An attribute value has a bound of its own; the whole reason stands in the log. */
const REASON_LENGTH = 1000;

/** Where a consumer puts what can never be processed, with the reason, so that nothing is dropped in silence. */
export class DeadLetters {
  readonly #queue: WorkQueue;

  /** @throws Error if the configuration names no such queue */
  constructor({ queue, ...place }: { queue: string; region: Region; endpoints: Endpoints }) {
    this.#queue = new WorkQueue({ queue: `${queue}-dead`, ...place });
  }

  /** @throws the client's error if the message was not stored: then it must come back to the consumer */
  put({ body, reason }: IllMessage): Promise<void> {
    return this.#queue.put(body, { error: reason.slice(0, REASON_LENGTH) });
  }

  close(): void {
    this.#queue.close();
  }
}
