import { Pool } from 'undici';
import { Latencies, type LatencyMs } from './latency';
import type { RequestSource } from './requests';

export interface OpenLoopFigures {
  readonly perS: number;
  readonly requests: number;
  readonly failures: number;
  /** What failed: requests by the status that they were answered with; 0 stands for none. */
  readonly failedStatuses: Readonly<Record<string, number>>;
  readonly latencyMs: LatencyMs;
  /** Latencies, encoded, of those that were answered well alone: what is refused at once would make a slow service look quick. */
  readonly served: string;
  /** Requests that were answered well, and not later than anybody waits for. */
  readonly good: number;
  /** How late requests were sent: part of the latency, and no fault of the service. */
  readonly latenessMs: LatencyMs;
}

/** Requests are sent within this time of their moment; timers of Node are no finer. */
const TICK_MS = 1;
const DRAIN_MS = 20_000;
/** Whoever waits longer for a member has given up. */
const PATIENCE_MS = 1000;

/**
 * Sends requests at a constant rate, whether or not earlier ones were answered, and counts the time of each from the
 * moment when it was due. A client that waits for its answer first would send less while the service is slow, and so
 * leave out just the requests that would have waited (coordinated omission).
 */
export async function openLoop(source: Pick<RequestSource, 'next'>, target: OpenLoopTarget): Promise<OpenLoopFigures> {
  const pool = new Pool(target.url, { connections: target.connections, pipelining: 1 });
  try {
    return await new OpenLoop(source, pool, target).run();
  } finally {
    await pool.destroy();
  }
}

export interface OpenLoopTarget {
  readonly url: string;
  readonly perS: number;
  readonly seconds: number;
  readonly connections: number;
}

class OpenLoop {
  readonly #source: Pick<RequestSource, 'next'>;
  readonly #pool: Pool;
  readonly #intervalMs: number;
  readonly #total: number;
  readonly #perS: number;
  readonly #latency = new Latencies();
  readonly #served = new Latencies();
  readonly #lateness = new Latencies();
  #startMs = 0;
  #sent = 0;
  #done = 0;
  #good = 0;
  readonly #failedStatuses = new Map<number, number>();
  #finish: (() => void) | undefined;

  constructor(
    source: Pick<RequestSource, 'next'>,
    pool: Pool,
    target: { readonly perS: number; readonly seconds: number },
  ) {
    this.#source = source;
    this.#pool = pool;
    this.#perS = target.perS;
    this.#intervalMs = 1000 / target.perS;
    this.#total = Math.max(1, Math.floor(target.perS * target.seconds));
  }

  async run(): Promise<OpenLoopFigures> {
    this.#startMs = performance.now();
    await new Promise<void>((resolve) => {
      this.#finish = resolve;
      this.#tick();
    });
    return {
      perS: this.#perS,
      requests: this.#total,
      failures: [...this.#failedStatuses.values()].reduce((sum, count) => sum + count, 0),
      failedStatuses: Object.fromEntries(this.#failedStatuses),
      latencyMs: this.#latency.percentiles,
      served: this.#served.encoded,
      good: this.#good,
      latenessMs: this.#lateness.percentiles,
    };
  }

  #tick(): void {
    this.#sendDue();
    const overdueMs = performance.now() - this.#startMs - this.#total * this.#intervalMs;
    if (this.#done >= this.#total) {
      this.#finish?.();
      return;
    }
    if (overdueMs > DRAIN_MS) {
      // What never came took at least this long.
      for (let missing = this.#done; missing < this.#total; missing += 1) this.#latency.record(overdueMs);
      this.#fail(0, this.#total - this.#done);
      this.#finish?.();
      return;
    }
    setTimeout(() => this.#tick(), TICK_MS);
  }

  /** Also called at each answer: on a busy connection that is finer than a timer. */
  #sendDue(): void {
    const nowMs = performance.now();
    while (this.#sent < this.#total) {
      const dueMs = this.#startMs + this.#sent * this.#intervalMs;
      if (dueMs > nowMs) return;
      this.#sent += 1;
      this.#lateness.record(nowMs - dueMs);
      this.#send(dueMs);
    }
  }

  #send(dueMs: number): void {
    const { method, path, headers, body } = this.#source.next();
    let status = 0;
    const end = () => {
      const latencyMs = performance.now() - dueMs;
      this.#latency.record(latencyMs);
      this.#done += 1;
      if (status < 200 || status >= 300) this.#fail(status, 1);
      else this.#serve(latencyMs);
      this.#sendDue();
    };
    this.#pool.dispatch(
      { method, path, headers, ...(body === undefined ? {} : { body }) },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, statusCode) => {
          status = statusCode;
        },
        onResponseData: () => undefined,
        onResponseEnd: end,
        onResponseError: () => {
          status = 0;
          end();
        },
      },
    );
  }

  #serve(latencyMs: number): void {
    this.#served.record(latencyMs);
    if (latencyMs <= PATIENCE_MS) this.#good += 1;
  }

  #fail(status: number, count: number): void {
    this.#failedStatuses.set(status, (this.#failedStatuses.get(status) ?? 0) + count);
  }
}
