import { randomUUID } from 'node:crypto';
import type { Log } from '../../lambdas/core';
import { otherRegion, type Region } from '../../topology';
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
  return { A: createTopic('A', config, log), B: createTopic('B', config, log) };
}

function createTopic(region: Region, config: FrontConfig, log: Log): Topic {
  const other = otherRegion(region);
  const { arn, owedQueue, otherSqs = config.regions[other].sqs, subscriptions } = config.regions[region].topic;
  const clientOf = (of: Region, url: string) => new QueueClient(url, config.accountId, config.regions[of].awsRegion);
  const queuesIn = (where: Region) => subscriptions.filter((one) => one.region === where).map((one) => one.queue);
  const own = clientOf(region, config.regions[region].sqs);
  const coalescers = queuesIn(region).map(
    (queue) => new Coalescer({ count: batchCount, send: (messages) => own.send(queue, messages) }),
  );
  const delivery = new OwedDelivery({ own, owedQueue, other: clientOf(other, otherSqs), queues: queuesIn(other) }, log);
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
