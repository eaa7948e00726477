import { randomUUID } from 'node:crypto';
import type { Log } from '../../lambdas/core';
import { otherRegion, REGIONS, type Region } from '../../topology';
import type { FrontConfig } from '../system/process-config';
import { batchCount } from './batches';
import { type Batching, Coalescer } from './coalescer';
import { OwedDelivery } from './owed';
import { encodeEntry, entryCount } from './owed-entry';
import { QueueClient, type QueueMessage } from './queue-client';

/** The topic of one region. */
export interface Topic {
  readonly arn: string;
  /**
   * Resolves once the topic's own region has stored a copy for each of its queues, and the debt to the other's.
   *
   * @returns the message id
   * @throws AwsFailure if it has not
   */
  publish(message: QueueMessage): Promise<string>;
  start(): void;
  stop(): Promise<void>;
}

/** The topics of both regions, raw delivery to every subscribed queue of both. */
export function createTopics(config: FrontConfig, log: Log): Readonly<Record<Region, Topic>> {
  const clients = Object.fromEntries(
    REGIONS.map((region) => {
      const { sqs, awsRegion } = config.regions[region];
      return [region, new QueueClient(sqs, config.accountId, awsRegion)];
    }),
  ) as Record<Region, QueueClient>;
  return { A: createTopic('A', config, clients, log), B: createTopic('B', config, clients, log) };
}

function createTopic(
  region: Region,
  config: FrontConfig,
  clients: Readonly<Record<Region, QueueClient>>,
  log: Log,
): Topic {
  const { arn, owedQueue, subscriptions } = config.regions[region].topic;
  const other = otherRegion(region);
  const queuesIn = (where: Region) => subscriptions.filter((one) => one.region === where).map((one) => one.queue);
  const own = clients[region];
  const coalescers = queuesIn(region).map(
    (queue) => new Coalescer({ count: batchCount, send: (messages) => own.send(queue, messages) }),
  );
  const delivery = new OwedDelivery({ own, owedQueue, other: clients[other], queues: queuesIn(other) }, log);
  if (queuesIn(other).length > 0) coalescers.push(new Coalescer(owing(own, owedQueue, delivery)));
  return {
    arn,
    publish: async (message) => {
      await Promise.all(coalescers.map((coalescer) => coalescer.send(message)));
      return randomUUID();
    },
    start: () => delivery.start(),
    stop: () => delivery.stop(),
  };
}

function owing(own: QueueClient, owedQueue: string, delivery: OwedDelivery): Batching {
  return {
    count: entryCount,
    send: async (messages) => {
      const [refused] = await own.send(owedQueue, [encodeEntry({ messages, attempts: 0 })]);
      if (refused === undefined) delivery.announce();
      return messages.map(() => refused);
    },
  };
}
