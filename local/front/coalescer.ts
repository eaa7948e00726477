import type { AwsFailure } from './aws-error';
import type { QueueMessage } from './queue-client';

interface Waiting {
  readonly message: QueueMessage;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

export interface Batching {
  /** How many of the first messages travel together: at least one. */
  count(messages: readonly QueueMessage[]): number;
  /** For each message undefined, or why it was refused. @throws AwsFailure if all are */
  send(messages: readonly QueueMessage[]): Promise<readonly (AwsFailure | undefined)[]>;
}

/** Batches under way at a time for one queue: few, so that what arrives meanwhile travels together. */
const BATCHES_IN_FLIGHT = 2;
const LOOK_AHEAD = 100;

/**
 * Sends messages that arrive at the same time to one queue in common batches: trips, not bytes, are what a queue
 * engine on one machine runs out of.
 */
export class Coalescer {
  readonly #batching: Batching;
  #waiting: Waiting[] = [];
  #inFlight = 0;
  #scheduled = false;

  constructor(batching: Batching) {
    this.#batching = batching;
  }

  /** Resolves once the queue has stored the message. @throws AwsFailure if it did not */
  send(message: QueueMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject });
      this.#schedule();
    });
  }

  /** At the end of this turn of the loop, so that what it brings comes along. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#waiting.length > 0 && this.#inFlight < BATCHES_IN_FLIGHT) void this.#sendBatch();
    });
  }

  async #sendBatch(): Promise<void> {
    const ahead = this.#waiting.slice(0, LOOK_AHEAD).map(({ message }) => message);
    const batch = this.#waiting.splice(0, this.#batching.count(ahead));
    this.#inFlight += 1;
    try {
      const outcomes = await this.#batching.send(batch.map(({ message }) => message));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const refused = outcomes[index];
        if (refused === undefined) resolve();
        else reject(refused);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#inFlight -= 1;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }
}
