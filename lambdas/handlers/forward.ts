import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AWS_REGIONS, type Region } from '../../topology';
import { type Clock, type Endpoints, isProblem, unavailable } from '../core';
import { Breaker, type BreakerRule, ConcurrencyLimit, type Place, tellBreaker, type Watch } from '../resilience';

const CONNECTION_TIMEOUT_MS = 2000;
/** A write takes some tens of milliseconds there; what takes longer than this is cut off, or its writer stands still. */
export const MOST_WAIT_MS = 3000;
/** Who had less time than this left tells nothing of the region by not being answered. */
const LEAST_TELLING_MS = 300;
/** After so many requests in a row without an answer they are refused at once, and one at a time tries again. */
const RULES: readonly BreakerRule[] = [
  { kind: 'failures-in-a-row', failures: 3 },
  { kind: 'exception-ratio', ratio: 0.5, minimumCalls: 20 },
];
const OPEN_MS = 1000;
/** Each try that fails has held a write for as long as it may wait. */
const MOST_OPEN_MS = 8000;
/** As many as a function forwards at once: waiting for a free connection counts as connecting. */
const MAX_SOCKETS = 256;

/** A request had too little time for what it was sent for. */
class ShortOfTime extends Error {
  override readonly name = 'ShortOfTime';
}

const SOCKETS = { keepAlive: true, maxSockets: MAX_SOCKETS };

/** Carries a request whole to the function of the same name in the other region, once. */
export class Forwarder {
  readonly #clients: Readonly<Record<Region, LambdaClient>>;
  readonly #functionName: string;
  readonly #breakers: Readonly<Record<Region, Breaker>>;
  readonly #limits: Readonly<Record<Region, ConcurrencyLimit | undefined>>;

  constructor(options: { functionName: string; endpoints: Endpoints; clock: Clock; place?: Place } & Watch) {
    const client = (region: Region) =>
      new LambdaClient({
        region: AWS_REGIONS[region],
        ...(options.endpoints.aws === undefined ? {} : { endpoint: options.endpoints.aws }),
        // A write is not sent twice on the quiet: its caller has an idempotency key, or a version, for that.
        maxAttempts: 1,
        requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, httpAgent: SOCKETS, httpsAgent: SOCKETS },
      });
    this.#clients = { A: client('A'), B: client('B') };
    const breaker = (region: Region) =>
      new Breaker({
        name: `region ${region}`,
        clock: options.clock,
        rules: RULES,
        openMs: OPEN_MS,
        mostOpenMs: MOST_OPEN_MS,
        isFailure: (error) => !(error instanceof ShortOfTime),
        onChange: tellBreaker(options, `region-${region}`),
      });
    this.#breakers = { A: breaker('A'), B: breaker('B') };
    const { place, clock, metrics } = options;
    const limit = (region: Region) =>
      place && new ConcurrencyLimit({ ...place, name: `region-${region}`, clock, metrics });
    this.#limits = { A: limit('A'), B: limit('B') };
    this.#functionName = options.functionName;
  }

  /** @throws Problem SHED if too many are on their way there; UNAVAILABLE if that region does not answer in time, or has not answered lately: nothing is sent then */
  async forward<Event, Answer>(event: Event, region: Region, timeoutMs: number): Promise<Answer> {
    // As the one that tries whether the region is back it would tell nothing either.
    if (timeoutMs < LEAST_TELLING_MS && !this.#breakers[region].isClosed) {
      throw unavailable(`region ${region}, which holds the writer, did not answer lately`);
    }
    const command = new InvokeCommand({
      FunctionName: this.#functionName,
      Payload: Buffer.from(JSON.stringify(event)),
    });
    // Waiting for a place is part of it.
    const abortSignal = AbortSignal.timeout(Math.ceil(timeoutMs));
    const send = () =>
      this.#clients[region].send(command, { abortSignal }).catch((cause: unknown) => {
        const isShort = timeoutMs < LEAST_TELLING_MS && abortSignal.aborted;
        throw isShort ? new ShortOfTime('too little time was left', { cause }) : cause;
      });
    try {
      const result = await this.#limit(region, () => this.#breakers[region].execute(send));
      if (result.FunctionError !== undefined) throw new Error(`the function failed: ${result.FunctionError}`);
      return JSON.parse(Buffer.from(result.Payload ?? []).toString('utf8')) as Answer;
    } catch (cause) {
      if (isProblem(cause, 'SHED')) throw cause;
      throw unavailable(`region ${region}, which holds the writer, did not answer`, cause);
    }
  }

  #limit<T>(region: Region, send: () => Promise<T>): Promise<T> {
    return this.#limits[region]?.execute(send, () => true) ?? send();
  }

  /** Refuses at once whatever is to be forwarded, until it is let go. */
  isolate(isIsolated: boolean): void {
    for (const breaker of Object.values(this.#breakers)) breaker.isolate(isIsolated);
  }

  close(): void {
    for (const client of Object.values(this.#clients)) client.destroy();
  }
}
