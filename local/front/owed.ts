import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../lambdas/core';
import { AwsFailure } from './aws-error';
import { inBatches } from './batches';
import { marked, markOf, withoutMark } from './owed-mark';
import type { QueueClient, ReceivedMessage } from './queue-client';
import { retryDelayMs } from './retry-schedule';

export interface OwedRoute {
  /** The queue engine of the topic's own region, and the queue in it that holds what is owed. */
  readonly own: QueueClient;
  readonly owedQueue: string;
  /** The queue engine of the other region, and the subscribed queues that stand there. */
  readonly other: QueueClient;
  readonly queues: readonly string[];
}

interface Failing {
  readonly failures: number;
  readonly notBeforeMs: number;
}

const LOOPS = 4;
const OWN_ENGINE_DOWN_MS = 1000;

/**
 * Brings what a topic owes to the queues of the other region. A message leaves the owed queue only once every queue
 * has it, or once a copy that names the queues still missing stands there: a killed process loses nothing, and may
 * deliver twice. While the other region is lost, one message at a time is tried; one failing queue delays no other.
 */
export class OwedDelivery {
  readonly #route: OwedRoute;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #loops: Promise<void>[] = [];
  #failures = 0;
  #recovered: (() => void)[] = [];
  readonly #failing = new Map<string, Failing>();

  constructor(route: OwedRoute, log: Log) {
    this.#route = route;
    this.#log = log;
  }

  start(): void {
    if (this.#route.queues.length === 0) return;
    this.#loops = Array.from({ length: LOOPS }, (_, index) => this.#loop(index === 0));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#releaseWaiting();
    await Promise.all(this.#loops);
  }

  async #loop(probes: boolean): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#turn(probes);
      try {
        const messages = await this.#route.own.receive(this.#route.owedQueue, this.#stopping.signal);
        if (messages.length > 0) await this.#deliver(messages);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        // The topic's own engine is down: nothing can be published then either, so nothing is said of it here.
        if (!(error instanceof AwsFailure)) this.#log.error('owed delivery failed', { error: asError(error) });
        await this.#pause(OWN_ENGINE_DOWN_MS);
      }
    }
  }

  /** While the other region is lost one loop probes it, and the others wait. */
  async #turn(probes: boolean): Promise<void> {
    if (this.#failures === 0) return;
    if (probes) await this.#pause(retryDelayMs(this.#failures));
    else await new Promise<void>((resolve) => this.#recovered.push(resolve));
  }

  async #deliver(messages: readonly ReceivedMessage[]): Promise<void> {
    const pending = new Map(messages.map((message) => [message, new Set(this.#pendingOf(message))]));
    const wanted = [...new Set([...pending.values()].flatMap((queues) => [...queues]))];
    const reached = await Promise.all(wanted.map((queue) => this.#deliverTo(queue, pending)));
    if (!reached.includes(true) && wanted.length > 0) {
      this.#noteLost();
      await this.#route.own.release(this.#route.owedQueue, messages);
      return;
    }
    this.#noteReached();
    await this.#park(pending);
    await this.#route.own.delete(this.#route.owedQueue, messages);
  }

  #pendingOf(message: ReceivedMessage): readonly string[] {
    return markOf(message)?.queues ?? this.#route.queues;
  }

  /** Takes a queue out of `pending` for the messages that it stored; whether its engine answered or was spared. */
  async #deliverTo(queue: string, pending: ReadonlyMap<ReceivedMessage, Set<string>>): Promise<boolean> {
    const failing = this.#failing.get(queue);
    if (failing !== undefined && performance.now() < failing.notBeforeMs) return true;
    const messages = [...pending].filter(([, queues]) => queues.has(queue)).map(([message]) => withoutMark(message));
    let stored = 0;
    try {
      for (const batch of inBatches(messages)) {
        const outcomes = await this.#route.other.send(queue, batch);
        for (const [index, { original }] of batch.entries()) {
          if (outcomes[index] !== undefined) continue;
          pending.get(original)?.delete(queue);
          stored += 1;
        }
      }
    } catch (error) {
      this.#noteFailing(queue, error);
      return stored > 0 || !(error instanceof AwsFailure && error.code === 'ServiceUnavailable');
    }
    if (stored > 0) this.#failing.delete(queue);
    return true;
  }

  /** Puts back what single queues did not take, naming them, until their next attempt. */
  async #park(pending: ReadonlyMap<ReceivedMessage, ReadonlySet<string>>): Promise<void> {
    for (const [message, queues] of pending) {
      if (queues.size === 0) continue;
      const attempts = (markOf(message)?.attempts ?? 0) + 1;
      const again = marked(message, { queues: [...queues], attempts });
      const delayS = Math.ceil(retryDelayMs(attempts) / 1000);
      const [refused] = await this.#route.own.send(this.#route.owedQueue, [again], delayS);
      if (refused !== undefined) throw refused;
    }
  }

  #noteFailing(queue: string, error: unknown): void {
    const failures = (this.#failing.get(queue)?.failures ?? 0) + 1;
    this.#failing.set(queue, { failures, notBeforeMs: performance.now() + retryDelayMs(failures) });
    if (failures === 1) this.#log.warn('queue does not take messages', { queue, error: asError(error) });
  }

  #noteLost(): void {
    this.#failures += 1;
    if (this.#failures === 1) this.#log.warn('the other region does not take messages', {});
  }

  #noteReached(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#failing.clear();
    this.#log.info('the other region takes messages again', {});
    this.#releaseWaiting();
  }

  #releaseWaiting(): void {
    const waiting = this.#recovered;
    this.#recovered = [];
    for (const resolve of waiting) resolve();
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('Not an error was thrown');
}
