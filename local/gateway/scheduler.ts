import { randomUUID } from 'node:crypto';
import type { Log } from '../../lambdas/core';
import { ConcurrencyExceeded, type Invoker } from './invoker';

/** Starts a function at once and then at a fixed rate, however long its invocations take. */
export class Scheduler {
  readonly #invoker: Invoker;
  readonly #awsRegion: string;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;

  constructor(invoker: Invoker, awsRegion: string, log: Log) {
    this.#invoker = invoker;
    this.#awsRegion = awsRegion;
    this.#log = log;
  }

  start(everyMs: number): void {
    this.#run();
    this.#timer = setInterval(() => this.#run(), everyMs);
  }

  /** Starts nothing more, and asks what runs to end. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#invoker.stop();
  }

  #run(): void {
    this.#invoker.invoke(scheduledEvent(this.#invoker.name, this.#awsRegion, new Date())).catch((error: unknown) => {
      const cause = error instanceof Error ? error : new Error('Not an error was thrown');
      if (error instanceof ConcurrencyExceeded) this.#log.warn('schedule skipped', { function: this.#invoker.name });
      else this.#log.error('scheduled invocation failed', { function: this.#invoker.name, error: cause });
    });
  }
}

function scheduledEvent(name: string, awsRegion: string, time: Date) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: time.toISOString(),
    region: awsRegion,
    resources: [`arn:aws:events:${awsRegion}:000000000000:rule/${name}`],
    detail: {},
  };
}
