/** The first and the last step of a request on one machine: what API Gateway, Lambda and its triggers do in AWS. */
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createMetrics, type Log, systemClock, type WrittenMetrics } from '../../lambdas/core';
import type { FunctionProcessConfig, HostedFunction } from '../system/process-config';
import { STAGE } from './api-event';
import { EventSources } from './event-sources';
import { loadBundle } from './hosted-bundle';
import { InvokePort } from './invoke-port';
import { Invoker } from './invoker';
import { Listener } from './listener';
import { Poller } from './poller';
import { createRouter } from './routes';
import { Scheduler } from './scheduler';

/** Time for what is in flight to end once a process was asked to stop. */
const DRAIN_MS = 5000;
/** Above the 20 s of a long poll: a queue that says nothing for longer is not there. */
const QUEUE_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 2000;

/** Runs the functions of one process, with everything that triggers them. */
export class FunctionProcess {
  readonly #config: FunctionProcessConfig;
  readonly #log: Log;
  readonly #invokePort: InvokePort;
  #invokers: readonly Invoker[] = [];
  #listener: Listener | undefined;
  readonly #sources: EventSources;
  #schedulers: readonly Scheduler[] = [];
  readonly #metrics: WrittenMetrics[] = [];

  /** @param directory is its own, and outlives it */
  constructor(config: FunctionProcessConfig, log: Log, directory: string) {
    this.#config = config;
    this.#log = log;
    this.#sources = new EventSources(join(directory, 'event-sources.json'));
    this.#invokePort = new InvokePort(log, this.#sources);
  }

  /** @throws Error if a bundle cannot be loaded or a port is taken */
  async start(): Promise<void> {
    const { functions, awsRegion, invokePort, port } = this.#config;
    await this.#invokePort.listen(invokePort);
    const hosted = functions.map((one) => ({ one, invoker: new Invoker(one.definition, loadBundle(one), awsRegion) }));
    this.#invokers = hosted.map(({ invoker }) => invoker);
    if (this.#config.kind === 'api') {
      if (port === undefined) throw new Error(`${this.#config.name} is told no port for its API`);
      this.#listener = new Listener(
        createRouter(this.#invokers, (invoker) => this.#metricsOf(invoker)),
        this.#log,
      );
      await this.#listener.listen(port);
    }
    for (const { one, invoker } of hosted) this.#map(one, invoker);
    this.#invokePort.open(this.#invokers);
    this.#sources.start();
    this.#schedulers = hosted.flatMap(({ one, invoker }) => this.#scheduled(one, invoker));
    this.#log.info('process ready', { functions: functions.map(({ name }) => name).join(' ') });
  }

  /** Finishes what is in flight, within five seconds, and closes what the functions opened. */
  async stop(): Promise<void> {
    await within(DRAIN_MS, this.#drain());
    await within(DRAIN_MS, Promise.all(this.#invokers.map((invoker) => this.#closed(invoker))));
    for (const metrics of this.#metrics) metrics.close();
  }

  async #drain(): Promise<void> {
    await Promise.all([
      this.#listener?.drain(),
      this.#invokePort.drain(),
      this.#sources.stop(),
      ...this.#schedulers.map((scheduler) => scheduler.stop()),
    ]);
    await Promise.all(this.#invokers.map((invoker) => invoker.idle()));
  }

  async #closed(invoker: Invoker): Promise<void> {
    await invoker.close().catch((error: unknown) => {
      this.#log.warn('not closed', { function: invoker.name, error: error instanceof Error ? error : undefined });
    });
  }

  /** Of what the gateway refuses for a function. */
  #metricsOf({ name: functionName, definition: { trigger } }: Invoker): WrittenMetrics {
    const trafficClass = trigger.kind === 'api' ? trigger.trafficClass : undefined;
    const { region } = this.#config;
    const write = (lines: string) => process.stdout.write(lines);
    const metrics = createMetrics({ stage: STAGE, region, functionName, trafficClass, clock: systemClock, write });
    this.#metrics.push(metrics);
    return metrics;
  }

  #map({ definition, environment }: HostedFunction, invoker: Invoker): void {
    const { trigger } = definition;
    if (trigger.kind !== 'queue') return;
    const { awsRegion, queueUrls } = this.#config;
    const queueUrl = queueUrls[trigger.queue];
    if (queueUrl === undefined) throw new Error(`${this.#config.name} is told no URL of queue ${trigger.queue}`);
    const accountId = new URL(queueUrl).pathname.split('/')[1] ?? '';
    const source = {
      queueUrl,
      arn: `arn:aws:sqs:${awsRegion}:${accountId}:${trigger.queue}`,
      awsRegion,
      batchSize: trigger.batchSize,
      concurrency: trigger.concurrency,
    };
    const client = this.#queueClient(environment);
    const { arn, batchSize } = source;
    this.#sources.add({ functionName: definition.name, arn, batchSize }, () => {
      return new Poller(source, client, invoker, this.#log);
    });
  }

  #queueClient(environment: Readonly<Record<string, string>>): SQSClient {
    return new SQSClient({
      endpoint: this.#config.awsEndpoint,
      region: this.#config.awsRegion,
      credentials: {
        accessKeyId: environment.AWS_ACCESS_KEY_ID ?? 'local',
        secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? 'local',
      },
      // The poller's own backoff decides when to try again.
      maxAttempts: 1,
      requestHandler: { requestTimeout: QUEUE_TIMEOUT_MS, connectionTimeout: CONNECT_TIMEOUT_MS },
    });
  }

  #scheduled({ definition }: HostedFunction, invoker: Invoker): Scheduler[] {
    if (definition.trigger.kind !== 'schedule') return [];
    const scheduler = new Scheduler(invoker, this.#config.awsRegion, this.#log);
    scheduler.start(definition.trigger.everyMs);
    return [scheduler];
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
