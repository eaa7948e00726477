import { randomUUID } from 'node:crypto';
import type { FunctionDefinition } from '../../topology';
import type { HostedBundle, InvocationContext } from './hosted-bundle';

/** All invocations that the function may have at a time are taken. */
export class ConcurrencyExceeded extends Error {
  override readonly name = 'ConcurrencyExceeded';
}

/** The function did not answer within its `timeoutMs`. What it has begun goes on: a process is not an environment. */
export class InvocationTimeout extends Error {
  override readonly name = 'InvocationTimeout';
}

const MEMORY_LIMIT_MB = '1024';

class Context implements InvocationContext {
  callbackWaitsForEmptyEventLoop = true;
  readonly functionVersion = '$LATEST';
  readonly memoryLimitInMB = MEMORY_LIMIT_MB;
  readonly #deadlineMs: number;

  constructor(
    readonly functionName: string,
    readonly invokedFunctionArn: string,
    readonly awsRequestId: string,
    timeoutMs: number,
  ) {
    this.#deadlineMs = performance.now() + timeoutMs;
  }

  getRemainingTimeInMillis(): number {
    return Math.max(0, Math.floor(this.#deadlineMs - performance.now()));
  }
}

/** Invokes one function, at most `reservedConcurrency` times at once and each for at most `timeoutMs`. */
export class Invoker {
  readonly definition: FunctionDefinition;
  readonly #bundle: HostedBundle;
  readonly #arn: string;
  #inFlight = 0;
  #whenIdle: (() => void)[] = [];

  constructor(definition: FunctionDefinition, bundle: HostedBundle, awsRegion: string) {
    this.definition = definition;
    this.#bundle = bundle;
    this.#arn = `arn:aws:lambda:${awsRegion}:000000000000:function:${definition.name}`;
  }

  get name(): string {
    return this.definition.name;
  }

  /** Whether another invocation would be refused. */
  get full(): boolean {
    return this.#inFlight >= this.definition.reservedConcurrency;
  }

  /**
   * @returns what the handler returned
   * @throws ConcurrencyExceeded, InvocationTimeout, or whatever the handler threw
   */
  invoke(event: unknown, requestId: string = randomUUID()): Promise<unknown> {
    if (this.full) return Promise.reject(new ConcurrencyExceeded(`${this.name} runs as often as it may`));
    const { timeoutMs } = this.definition;
    this.#inFlight += 1;
    return new Promise((resolve, reject) => {
      let running = true;
      const ended = () => {
        if (!running) return false;
        running = false;
        clearTimeout(timer);
        this.#leave();
        return true;
      };
      const timer = setTimeout(() => {
        if (ended()) reject(new InvocationTimeout(`${this.name} did not answer within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#call(event, requestId).then(
        (result) => ended() && resolve(result),
        (error: unknown) => ended() && reject(error),
      );
    });
  }

  /** Resolves once no invocation is in flight. */
  idle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Asks long invocations to end soon. */
  async stop(): Promise<void> {
    await this.#bundle.stop?.();
  }

  /** Closes what the function opened. */
  async close(): Promise<void> {
    await this.#bundle.close?.();
  }

  async #call(event: unknown, requestId: string): Promise<unknown> {
    return this.#bundle.handler(event, new Context(this.name, this.#arn, requestId, this.definition.timeoutMs));
  }

  #leave(): void {
    this.#inFlight -= 1;
    if (this.#inFlight > 0) return;
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }
}
