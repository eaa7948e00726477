import { DOMAINS } from './domains';
import { REGIONS, type Region } from './regions';

/** `events` queues are subscribed to the topics of both regions; `work` queues are fed by name. */
export interface Queue {
  readonly name: string;
  readonly region: Region;
  readonly kind: 'events' | 'work';
  readonly visibilityTimeoutS: number;
  /** Name of the queue for what can't be processed; it stands in the same region. */
  readonly deadLetters: string;
}

/**
 * Longer than a consumer may run. AWS advises six times as long, for messages that wait for a consumer who has no room
 * for them; ours are received only when there is room, and what failed is soon tried again.
 */
const VISIBILITY_TIMEOUT_S = 30;
const FAILOVER_VISIBILITY_TIMEOUT_S = 930;

/**
 * Receives after which the engine itself gives up on a message: the most that SQS allows. Consumers send ill
 * events to the dead letters themselves, so that a target that is down never turns good messages into dead ones.
 */
export const MAX_RECEIVES = 1000;

function queue(name: string, region: Region, kind: Queue['kind'], visibilityTimeoutS = VISIBILITY_TIMEOUT_S): Queue {
  return { name, region, kind, visibilityTimeoutS, deadLetters: `${name}-dead` };
}

export const QUEUES: readonly Queue[] = [
  ...Object.values(DOMAINS).map((domain) => queue(domain.queue, domain.region, 'events')),
  ...REGIONS.map((region) => queue(`invalidate-${region}`, region, 'events')),
  ...REGIONS.map((region) => queue(`failover-${region}`, region, 'work', FAILOVER_VISIBILITY_TIMEOUT_S)),
];

/** Where a topic's messages go that AWS could not deliver to a queue for days; one in each region. */
export function undeliveredQueue(region: Region): string {
  return `undelivered-${region}`;
}

/** One topic in each region, by this name; each delivers to every `events` queue of both regions. */
export const TOPIC = 'events';
