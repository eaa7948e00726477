import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { elasticmqEngine, ensureTools, OWED_QUEUE } from '../../../local/engines';
import { withClassArchives } from '../../../local/system/class-archives';
import type { FrontConfig, FrontRegion } from '../../../local/system/process-config';
import { AWS_REGIONS, QUEUES, type Region } from '../../../topology';
import { freePort, type ScratchEngine, startScratchEngine } from '../../support/scratch-engine';

export const ACCOUNT_ID = '000000000000';
export const IDENTITY = { accessKeyId: 'test', secretAccessKey: 'test' };
export const EVENTS_QUEUES = QUEUES.filter(({ kind }) => kind === 'events');
const NOWHERE = 'http://127.0.0.1:9';

/** With the archives of classes that whole systems start with: an engine is up in half the time. */
export async function tools() {
  const { signal } = new AbortController();
  return withClassArchives(await ensureTools(() => undefined, signal), () => undefined, signal);
}

export function topicArn(region: Region): string {
  return `arn:aws:sns:${AWS_REGIONS[region]}:${ACCOUNT_ID}:events`;
}

/** The queues of one region, whose engine may be killed and started again with its data. */
export class RegionQueues {
  #engine: ScratchEngine | undefined;
  #directory: string | undefined;

  private constructor(
    readonly region: Region,
    readonly port: number,
    readonly frontPort: number,
  ) {}

  static async start(region: Region, frontPort: number): Promise<RegionQueues> {
    const queues = new RegionQueues(region, await freePort(), frontPort);
    await queues.start();
    return queues;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  queueUrl(name: string): string {
    return `${this.url}/${ACCOUNT_ID}/${name}`;
  }

  /** Straight at the engine, past the front. */
  client(): SQSClient {
    return new SQSClient({ endpoint: this.url, region: AWS_REGIONS[this.region], credentials: IDENTITY });
  }

  async start(): Promise<void> {
    const found = await tools();
    this.#directory ??= await mkdtemp(join(tmpdir(), 'twinkeep-queues-'));
    const dataDirectory = this.#directory;
    this.#engine = await startScratchEngine(() =>
      elasticmqEngine(
        { region: this.region, port: this.port, frontPort: this.frontPort, accountId: ACCOUNT_ID, dataDirectory },
        found,
      ),
    );
  }

  /** SIGKILL; what was accepted stays on disk. */
  async kill(): Promise<void> {
    await this.#engine?.stop();
  }

  async remove(): Promise<void> {
    await this.kill();
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true });
  }
}

export function frontRegion(region: Region, sqs: string, overrides: Partial<FrontRegion> = {}): FrontRegion {
  return {
    awsRegion: AWS_REGIONS[region],
    sqs,
    ssm: NOWHERE,
    invoke: { api: NOWHERE, tasks: NOWHERE },
    functions: {},
    topic: {
      arn: topicArn(region),
      owedQueue: OWED_QUEUE,
      subscriptions: EVENTS_QUEUES.map(({ name, region: where }) => ({ queue: name, region: where })),
    },
    ...overrides,
  };
}

export function frontConfig(
  port: number,
  regions: FrontConfig['regions'],
  overrides: Partial<FrontConfig> = {},
): FrontConfig {
  return { port, regions, dynamodb: NOWHERE, rds: NOWHERE, accountId: ACCOUNT_ID, ...overrides };
}

/**
 * Takes messages off a queue until `enough` says so, or fails after `timeoutMs`.
 *
 * @returns the bodies, in the order of their arrival, with the attributes of each
 */
export async function takeUntil(
  queues: RegionQueues,
  queue: string,
  enough: (bodies: readonly string[]) => boolean,
  timeoutMs = 20_000,
): Promise<{ body: string; attributes: Record<string, string | undefined> }[]> {
  const client = queues.client();
  const taken: { body: string; attributes: Record<string, string | undefined> }[] = [];
  const endsAtMs = performance.now() + timeoutMs;
  try {
    while (!enough(taken.map(({ body }) => body))) {
      if (performance.now() > endsAtMs) throw new Error(`${queue} had only ${taken.length} messages`);
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queues.queueUrl(queue),
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 1,
          MessageAttributeNames: ['All'],
        }),
      );
      for (const { Body = '', MessageAttributes = {} } of Messages) {
        const attributes = Object.entries(MessageAttributes).map(([name, value]) => [name, value.StringValue] as const);
        taken.push({ body: Body, attributes: Object.fromEntries(attributes) });
      }
    }
    return taken;
  } finally {
    client.destroy();
  }
}
