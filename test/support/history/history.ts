import type { Operation, Outcome, Request } from './calls';
import { type Exchange, exchangeOf, outcomeOf, type Reply } from './exchange';

/** Who makes calls. A client that may make several at once is several clients to the history, which is harmless. */
export interface Client {
  readonly name: string;
  /** Rejects when the connection is cut or no answer comes in time: the outcome is unknown then. */
  send(exchange: Exchange, request: Request): Promise<Reply>;
}

/** Calls that were made side by side, in the order in which they began and ended. */
export class History {
  readonly #operations: Operation[] = [];
  #events = 0;
  #settledAt = 0;

  /** Calls that are over, in the order in which they ended. */
  get operations(): readonly Operation[] {
    return this.#operations;
  }

  /** Place in the order of events; what was written before it has reached every store. */
  get settledAt(): number {
    return this.#settledAt;
  }

  /** Makes a call and records what became of it. Never rejects. */
  async run(request: Request, client: Client): Promise<Outcome> {
    const invokedAt = this.#next();
    const startedMs = performance.now();
    const outcome = await this.#outcome(request, client);
    this.#operations.push({
      ...request,
      client: client.name,
      outcome,
      invokedAt,
      returnedAt: this.#next(),
      startedMs,
      endedMs: performance.now(),
    });
    return outcome;
  }

  /**
   * Says that all stores agree now. Reads that begin later must see every write that ended before, however the caches
   * fared meanwhile.
   */
  settle(): void {
    this.#settledAt = this.#next();
  }

  async #outcome(request: Request, client: Client): Promise<Outcome> {
    try {
      return outcomeOf(request.call, await client.send(exchangeOf(request.call), request));
    } catch (error) {
      return { kind: 'unknown', reason: String(error) };
    }
  }

  #next(): number {
    this.#events += 1;
    return this.#events;
  }
}
