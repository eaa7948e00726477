import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../lambdas/core';
import { AwsFailure } from './aws-error';
import { batchCount, inParts } from './batches';
import { decodeEntry, encodeEntry, entryCount } from './owed-entry';
import type { QueueClient, QueueMessage, ReceivedMessage } from './queue-client';
import { retryDelayMs } from './retry-schedule';
import { WakeUp } from './wake-up';

export interface OwedRoute {
  /** The queue engine of the topic's own region, and the queue in it that holds what is owed. */
  readonly own: QueueClient;
  readonly owedQueue: string;
  /** The queue engine of the other region, and the subscribed queues that stand there. */
  readonly other: QueueClient;
  readonly queues: readonly string[];
}

/** A message and the queues that still lack it. */
interface Debt {
  readonly message: QueueMessage;
  readonly attempts: number;
  readonly queues: Set<string>;
}

interface Failing {
  readonly failures: number;
  readonly notBeforeMs: number;
}

type Outcome = 'stored' | 'failed' | 'spared' | 'unreachable';

const LOOPS = 4;
const FULL_RECEIVE = 10;
const OWN_ENGINE_DOWN_MS = 1000;
/** How often what nobody announced is looked for: what was put back, or left behind by a process that was killed. */
const SWEEP_MS = 1000;

/**
 * Brings what a topic owes to the queues of the other region. A message leaves the owed queue only once every queue
 * has it, or once a copy that names the queues still missing stands there: a killed process loses nothing, and may
 * deliver twice. While the other region is lost, one message at a time is tried; one failing queue delays no other.
 */
export class OwedDelivery {
  readonly #route: OwedRoute;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  readonly #work = new WakeUp();
  readonly #recovery = new WakeUp();
  #loops: Promise<void>[] = [];
  #failures = 0;
  readonly #failing = new Map<string, Failing>();

  constructor(route: OwedRoute, log: Log) {
    this.#route = route;
    this.#log = log;
  }

  start(): void {
    if (this.#route.queues.length === 0) return;
    this.#loops = Array.from({ length: LOOPS }, (_, index) => this.#loop(index === 0));
  }

  /** Something stands in the owed queue now. */
  announce(): void {
    this.#work.announce();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#work.announceToAll();
    this.#recovery.announceToAll();
    await Promise.all(this.#loops);
  }

  async #loop(leads: boolean): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#turn(leads);
      try {
        // No long poll: one that is given up with its process would take a message with it for half a minute.
        const received = await this.#route.own.receive(this.#route.owedQueue);
        if (received.length === FULL_RECEIVE) this.#work.announce();
        if (received.length > 0) await this.#deliver(received);
        else if (!this.#stopping.signal.aborted) await this.#work.wait(leads ? SWEEP_MS : undefined);
      } catch (error) {
        // The topic's own engine is down: nothing can be published then either, so nothing is said of it here.
        if (!(error instanceof AwsFailure)) this.#log.error('owed delivery failed', { error: asError(error) });
        await this.#pause(OWN_ENGINE_DOWN_MS);
      }
    }
  }

  /** While the other region is lost the leading loop probes it, and the others wait. */
  async #turn(leads: boolean): Promise<void> {
    if (this.#failures === 0 || this.#stopping.signal.aborted) return;
    if (leads) await this.#pause(retryDelayMs(this.#failures));
    else await this.#recovery.wait();
  }

  async #deliver(received: readonly ReceivedMessage[]): Promise<void> {
    const debts = received
      .map(decodeEntry)
      .flatMap(({ messages, queues = this.#route.queues, attempts }) =>
        messages.map((message): Debt => ({ message, attempts, queues: new Set(queues) })),
      );
    const wanted = [...new Set(debts.flatMap(({ queues }) => [...queues]))];
    const outcomes = await Promise.all(wanted.map((queue) => this.#deliverTo(queue, debts)));
    const tried = outcomes.filter((outcome) => outcome !== 'spared');
    // One queue that hangs must not pass for its region: a region is lost when none of its queues can be reached.
    if (
      wanted.length === this.#route.queues.length &&
      tried.length > 0 &&
      tried.every((one) => one === 'unreachable')
    ) {
      this.#noteLost();
      await this.#route.own.release(this.#route.owedQueue, received);
      return;
    }
    if (tried.some((outcome) => outcome !== 'unreachable')) this.#noteReached();
    for (const [index, queue] of wanted.entries()) this.#noteOutcome(queue, outcomes[index]);
    await this.#park(debts.filter(({ queues }) => queues.size > 0));
    await this.#route.own.delete(this.#route.owedQueue, received);
  }

  /** Takes a queue off the debts that it stored. */
  async #deliverTo(queue: string, debts: readonly Debt[]): Promise<Outcome> {
    const failing = this.#failing.get(queue);
    if (failing !== undefined && performance.now() < failing.notBeforeMs) return 'spared';
    const owed = debts.filter(({ queues }) => queues.has(queue));
    let stored = 0;
    try {
      for (const part of inParts(owed, (rest) => batchCount(rest.map(({ message }) => message)))) {
        const messages = part.map(({ message }) => message);
        const refusals = await this.#route.other.send(queue, messages);
        for (const debt of part.filter((_, index) => refusals[index] === undefined)) {
          debt.queues.delete(queue);
          stored += 1;
        }
      }
    } catch (error) {
      const isUnreachable = error instanceof AwsFailure && error.code === 'ServiceUnavailable';
      return isUnreachable && stored === 0 ? 'unreachable' : 'failed';
    }
    return stored === owed.length ? 'stored' : 'failed';
  }

  /** Puts back what single queues did not take, naming them, until their next attempt. */
  async #park(debts: readonly Debt[]): Promise<void> {
    for (const { queues, attempts: before, messages } of alike(debts)) {
      const attempts = before + 1;
      const delayS = Math.ceil(retryDelayMs(attempts) / 1000);
      for (const part of inParts(messages, entryCount)) {
        const entry = encodeEntry({ messages: part, queues, attempts });
        const [refused] = await this.#route.own.send(this.#route.owedQueue, [entry], delayS);
        if (refused !== undefined) throw refused;
      }
    }
  }

  /** While its region answers, a failing queue is spared until its next attempt. */
  #noteOutcome(queue: string, outcome: Outcome | undefined): void {
    if (outcome === 'stored') this.#failing.delete(queue);
    if (outcome === 'stored' || outcome === 'spared') return;
    const failures = (this.#failing.get(queue)?.failures ?? 0) + 1;
    this.#failing.set(queue, { failures, notBeforeMs: performance.now() + retryDelayMs(failures) });
    if (failures === 1) this.#log.warn('a queue does not take messages', { queue });
  }

  #noteLost(): void {
    this.#failures += 1;
    if (this.#failures === 1) this.#log.warn('the other region does not take messages', {});
  }

  #noteReached(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#log.info('the other region takes messages again', {});
    this.#recovery.announceToAll();
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

/** Debts to the same queues, tried equally often, as one entry. */
function alike(debts: readonly Debt[]): Iterable<{ queues: string[]; attempts: number; messages: QueueMessage[] }> {
  const groups = new Map<string, { queues: string[]; attempts: number; messages: QueueMessage[] }>();
  for (const { queues, attempts, message } of debts) {
    const key = `${attempts} ${[...queues].join()}`;
    const group = groups.get(key) ?? { queues: [...queues], attempts, messages: [] };
    group.messages.push(message);
    groups.set(key, group);
  }
  return groups.values();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('Not an error was thrown');
}
