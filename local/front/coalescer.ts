import { fittingCount, messageBytes } from './batches';
import type { QueueClient, QueueMessage } from './queue-client';

interface Waiting {
  readonly message: QueueMessage;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/** Batches under way at a time for one queue: few, so that what arrives meanwhile travels together. */
const BATCHES_IN_FLIGHT = 2;

/**
 * Sends messages that arrive at the same time to one queue in common batches. The number of batches, not of messages,
 * is what a queue engine on one machine can bear.
 */
export class Coalescer {
  readonly #client: QueueClient;
  readonly #queue: string;
  #waiting: Waiting[] = [];
  #inFlight = 0;
  #scheduled = false;

  constructor(client: QueueClient, queue: string) {
    this.#client = client;
    this.#queue = queue;
  }

  /** Resolves once the queue has stored the message. @throws AwsFailure if it did not */
  send(message: QueueMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, bytes: messageBytes(message), resolve, reject });
      this.#schedule();
    });
  }

  /** At the end of this turn of the loop, so that what it brings comes along. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#waiting.length > 0 && this.#inFlight < BATCHES_IN_FLIGHT) this.#sendBatch();
    });
  }

  #sendBatch(): void {
    const count = fittingCount(this.#waiting.slice(0, 10).map(({ bytes }) => bytes));
    const batch = this.#waiting.splice(0, count);
    this.#inFlight += 1;
    this.#client
      .send(
        this.#queue,
        batch.map(({ message }) => message),
      )
      .then(
        (outcomes) => {
          for (const [index, { resolve, reject }] of batch.entries()) {
            const failure = outcomes[index];
            if (failure === undefined) resolve();
            else reject(failure);
          }
        },
        (error: unknown) => {
          for (const { reject } of batch) reject(error);
        },
      )
      .finally(() => {
        this.#inFlight -= 1;
        if (this.#waiting.length > 0) this.#schedule();
      });
  }
}
