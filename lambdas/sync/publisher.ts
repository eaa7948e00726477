import { setTimeout as pause } from 'node:timers/promises';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { AWS_REGIONS, REGIONS, type Region } from '../../topology';
import type { Clock, Endpoints, Log, MemberEvent, Metrics } from '../core';
import { Breaker, type BreakerRule, tellBreaker } from '../resilience';
import { bundleOf, countThatFits, encodeEvent } from './bundle';

const REQUEST_TIMEOUT_MS = 2000;
const CONNECTION_TIMEOUT_MS = 500;
/**
 * Messages to a topic go one at a time, and no faster than this: what is published meanwhile travels together in the
 * next one. A message costs five queues and their consumers the same, however many events it brings.
 */
const PACE_MS = 20;
/** A topic that takes long to answer is busy, and helped by fewer messages: it is left alone for as long again. */
const MOST_REST_MS = 100;
/**
 * A topic that does not answer is left alone: each write that needs it would wait for it. One that fails so often in a minute
 * is no better, however many it takes in between: the outbox keeps what it is not asked to take.
 */
const RULES: readonly BreakerRule[] = [
  { kind: 'failures-in-a-row', failures: 2 },
  { kind: 'exception-count', failures: 10 },
];
const OPEN_MS = 1000;
/** How long a write waits for what tries whether a topic is back: many times what a topic takes that is well. */
const TRY_MS = 300;

interface Waiting {
  /** Encoded once, when it is published: it may be counted more often before its message goes. */
  readonly event: string;
  readonly settle: (accepted: boolean) => void;
}

interface TopicOptions {
  readonly region: Region;
  readonly arn: string;
  readonly endpoint: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
}

/** The topic of one region: what is published while messages are under way shares the next one. */
class Topic {
  readonly #client: SNSClient;
  readonly #arn: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #breaker: Breaker;
  #waiting: Waiting[] = [];
  #isSending = false;

  constructor(options: TopicOptions) {
    this.#client = new SNSClient({
      region: AWS_REGIONS[options.region],
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
      maxAttempts: 1,
      requestHandler: {
        requestTimeout: REQUEST_TIMEOUT_MS,
        connectionTimeout: CONNECTION_TIMEOUT_MS,
        socketTimeout: REQUEST_TIMEOUT_MS,
        // Without it the client only warns and waits on.
        throwOnRequestTimeout: true,
      },
    });
    this.#breaker = new Breaker({
      name: options.arn,
      clock: options.clock,
      rules: RULES,
      openMs: OPEN_MS,
      onChange: tellBreaker(options, `topic-${options.region}`),
    });
    this.#arn = options.arn;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  publish(event: MemberEvent, timeoutMs: number): Promise<boolean> {
    if (!this.#breaker.admits) return Promise.resolve(false);
    // It is due to be tried whether the topic is back: this event tries it, and is waited for a moment only. Without that an
    // environment that is frozen once it has answered would never hear that it is.
    return this.#publishWithin(event, this.#breaker.isClosed ? timeoutMs : Math.min(timeoutMs, TRY_MS));
  }

  #publishWithin(event: MemberEvent, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting: Waiting = {
        event: encodeEvent(event),
        settle: (accepted) => {
          clearTimeout(timer);
          resolve(accepted);
        },
      };
      const timer = setTimeout(() => {
        // Nobody waits for it any more: the outbox has it.
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        resolve(false);
      }, timeoutMs);
      this.#waiting.push(waiting);
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#isSending || this.#waiting.length === 0) return;
    this.#isSending = true;
    void this.#send(this.#waiting.splice(0, countThatFits(this.#waiting.map(({ event }) => event))));
  }

  async #send(taken: readonly Waiting[]): Promise<void> {
    const startMs = this.#clock.monotonicMs();
    const accepted = await this.#accepts(taken.map(({ event }) => event));
    for (const { settle } of taken) settle(accepted);
    const tookMs = this.#clock.monotonicMs() - startMs;
    await pause(restMs(tookMs), undefined, { ref: false });
    this.#isSending = false;
    this.#pump();
  }

  async #accepts(events: readonly string[]): Promise<boolean> {
    try {
      const command = new PublishCommand({ TopicArn: this.#arn, Message: bundleOf(events) });
      await this.#breaker.execute(() => this.#client.send(command));
      return true;
    } catch (error) {
      this.#log.warn('a topic did not accept events; the outbox keeps them', {
        topic: this.#arn,
        events: events.length,
        error: error as Error,
      });
      return false;
    }
  }

  close(): void {
    this.#client.destroy();
  }
}

function restMs(tookMs: number): number {
  return Math.min(MOST_REST_MS, Math.max(PACE_MS - tookMs, tookMs));
}

/** Tells both regions' consumers of new versions, through the topic of either region. */
export class Publisher {
  readonly #topics: Readonly<Record<Region, Topic>>;

  constructor(options: {
    endpoints: Pick<Endpoints, 'aws' | 'topics'>;
    clock: Clock;
    log: Log;
    metrics?: Metrics;
  }) {
    const topic = (region: Region) =>
      new Topic({
        region,
        arn: options.endpoints.topics[region],
        endpoint: options.endpoints.aws,
        clock: options.clock,
        log: options.log,
        metrics: options.metrics,
      });
    this.#topics = { A: topic('A'), B: topic('B') };
  }

  /** Whether the topic of `region` accepted the event within `timeoutMs`. Never throws: the outbox keeps the event. */
  publish(event: MemberEvent, region: Region, timeoutMs: number): Promise<boolean> {
    return this.#topics[region].publish(event, timeoutMs);
  }

  close(): void {
    for (const region of REGIONS) this.#topics[region].close();
  }
}
