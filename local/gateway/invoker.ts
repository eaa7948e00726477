import { randomUUID } from 'node:crypto';
import type { FunctionDefinition } from '../../topology';
import type { HostedBundle } from './hosted-bundle';
import { Invocation, type Waiting } from './invocation';

/** All invocations that the function may have at a time are taken. */
export class ConcurrencyExceeded extends Error {
  override readonly name = 'ConcurrencyExceeded';
}

/** The function did not answer within its `timeoutMs`. What it has begun goes on: a process is not an environment. */
export class InvocationTimeout extends Error {
  override readonly name = 'InvocationTimeout';
}

/** Invokes one function, at most `reservedConcurrency` times at once and each for at most `timeoutMs`. */
export class Invoker {
  readonly definition: FunctionDefinition;
  readonly #bundle: HostedBundle;
  readonly #arn: string;
  /** In the order of their deadlines, since all have the same time. */
  readonly #running = new Set<Invocation>();
  #timer: NodeJS.Timeout | undefined;
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
    return this.#running.size >= this.definition.reservedConcurrency;
  }

  /**
   * @param waiting for an invocation that has to wait for its turn
   * @returns what the handler returned
   * @throws ConcurrencyExceeded, InvocationTimeout, or whatever the handler threw
   */
  invoke(event: unknown, requestId: string = randomUUID(), waiting?: Waiting): Promise<unknown> {
    if (this.full) return Promise.reject(new ConcurrencyExceeded(`${this.name} runs as often as it may`));
    return new Promise((resolve, reject) => {
      const deadlineMs = performance.now() + this.definition.timeoutMs;
      const invocation = new Invocation(this.name, this.#arn, requestId, deadlineMs, reject, waiting);
      this.#running.add(invocation);
      this.#timer ??= this.#expireAfter(this.definition.timeoutMs);
      this.#call(event, invocation).then(
        (result) => this.#running.delete(invocation) && this.#end(() => resolve(result)),
        (error: unknown) => this.#running.delete(invocation) && this.#end(() => reject(error)),
      );
    });
  }

  /** Resolves once no invocation is in flight. */
  idle(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
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

  async #call(event: unknown, invocation: Invocation): Promise<unknown> {
    return this.#bundle.handler(event, invocation);
  }

  #end(settle: () => void): void {
    settle();
    if (this.#running.size > 0) return;
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }

  /** One timer for all invocations: one for each would cost as much as the rest of an invocation. */
  #expireAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const nowMs = performance.now();
      this.#timer = undefined;
      for (const invocation of this.#running) {
        if (invocation.deadlineMs > nowMs) {
          this.#timer = this.#expireAfter(invocation.deadlineMs - nowMs);
          return;
        }
        this.#running.delete(invocation);
        this.#end(() => invocation.expire(new InvocationTimeout(`${this.name} did not answer in time`)));
      }
    }, ms).unref();
  }
}
