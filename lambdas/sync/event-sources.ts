import {
  type EventSourceMappingConfiguration,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { AWS_REGIONS, type Region, SYNC_TARGETS, type SyncTarget } from '../../topology';
import type { UnitDecision } from '../arbiter';
import type { Endpoints, Log } from '../core';

const CONNECTION_TIMEOUT_MS = 1000;
const REQUEST_TIMEOUT_MS = 5000;

/** States in which a mapping can be changed; the others lead to one of them. */
const SETTLED = ['Enabled', 'Disabled'];

/**
 * Whether the events of a target are to be handed to its consumer. The one that confirms claims and empties outboxes
 * goes on, whatever the switch says: it is where the writer of a unit stands.
 */
export function isToConsume(
  target: string,
  switches: ReadonlyMap<string, unknown>,
  units: readonly Pick<UnitDecision, 'writer'>[],
): boolean {
  const tidies = units.some(({ writer }) => target === `invalidate-${writer}`);
  return tidies || switches.get(`sync/${target}`) !== 'paused';
}

/** What hands the messages of this region's queues to their consumers. */
export class EventSources {
  readonly #client: LambdaClient;
  readonly #targets: readonly SyncTarget[];
  readonly #queues: Endpoints['queues'];
  readonly #awsRegion: string;
  readonly #log: Log;

  constructor(options: { region: Region; endpoints: Endpoints; log: Log }) {
    const { region, endpoints, log } = options;
    this.#targets = SYNC_TARGETS.filter((target) => target.region === region);
    this.#queues = endpoints.queues;
    this.#awsRegion = AWS_REGIONS[region];
    this.#log = log;
    this.#client = new LambdaClient({
      region: this.#awsRegion,
      ...(endpoints.aws === undefined ? {} : { endpoint: endpoints.aws }),
      maxAttempts: 2,
      requestHandler: {
        connectionTimeout: CONNECTION_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
    });
  }

  /** Enables and disables what differs. @throws the client's error if Lambda does not answer */
  async follow(isToRun: (target: string) => boolean): Promise<void> {
    for (const { name, queue } of this.#targets) {
      for (const mapping of await this.#mappingsOf(queue)) await this.#put(name, mapping, isToRun(name));
    }
  }

  close(): void {
    this.#client.destroy();
  }

  async #mappingsOf(queue: string): Promise<readonly EventSourceMappingConfiguration[]> {
    const command = new ListEventSourceMappingsCommand({ EventSourceArn: this.#arnOf(queue) });
    return (await this.#client.send(command)).EventSourceMappings ?? [];
  }

  async #put(target: string, { UUID, State = '' }: EventSourceMappingConfiguration, enabled: boolean): Promise<void> {
    if (!SETTLED.includes(State) || (State === 'Enabled') === enabled) return;
    await this.#client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: enabled }));
    this.#log.info(enabled ? 'events are applied again' : 'events wait from now on', { target });
  }

  #arnOf(queue: string): string {
    const [account, name] = new URL(this.#queues[queue] ?? '').pathname.split('/').slice(1);
    return `arn:aws:sqs:${this.#awsRegion}:${account}:${name}`;
  }
}
