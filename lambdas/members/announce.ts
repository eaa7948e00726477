import { otherRegion, type Region } from '../../topology';
import type { Cache } from '../cache';
import type { Log, MemberEvent } from '../core';
import { boundedMs, type Deadline } from '../resilience';
import type { UnitState } from '../switches';
import { type Publisher, publishAnywhere } from '../sync';
import { fencesOf, flightOf } from './fences';
import { NotAcknowledged } from './refusals';

/**
 * `one`: committed at home and told to the local topic. `both`: accepted by the topic of the region that does not hold
 * the writer, before the answer. `require-both` refuses where `both` could not be had.
 */
export type Acknowledge = 'one' | 'both' | 'require-both';

const BOTH_TIMEOUT_MS = 1500;
/** Shorter, because the outbox keeps what the local topic does not accept. */
const ONE_TIMEOUT_MS = 400;

export interface Announcer {
  /**
   * Tells the committed write: fences both caches, and publishes once.
   *
   * @param deadline of the request that waits for it; the outbox keeps what could not be published by then
   * @returns how far it was acknowledged
   * @throws NotAcknowledged where `require-both` was asked and the other region did not accept
   */
  announce(
    event: MemberEvent,
    unit: UnitState,
    operationId: string,
    acknowledge: Acknowledge,
    deadline?: Deadline,
  ): Promise<'one' | 'both'>;
}

export function createAnnouncer(parts: {
  readonly region: Region;
  readonly cache: Cache;
  readonly publisher: Publisher;
  readonly log: Log;
}): Announcer {
  const { cache, publisher, log } = parts;

  async function acknowledge(
    event: MemberEvent,
    unit: UnitState,
    asked: Acknowledge,
    deadline: Deadline | undefined,
  ): Promise<'one' | 'both'> {
    if (asked === 'one') {
      await publishAnywhere(parts, event, ONE_TIMEOUT_MS, deadline);
      return 'one';
    }
    if (await publisher.publish(event, otherRegion(unit.writer), boundedMs(BOTH_TIMEOUT_MS, deadline))) return 'both';
    // Availability first, visibly: the local topic is told, the answer says `one`, and this line raises an alarm.
    log.error('a write is acknowledged by one region only', { memberId: event.memberId, asked });
    await publisher.publish(event, unit.writer, boundedMs(ONE_TIMEOUT_MS, deadline));
    if (asked === 'require-both') throw new NotAcknowledged(event.version);
    return 'one';
  }

  return {
    async announce(event, unit, operationId, asked, deadline) {
      const [acknowledged] = await Promise.all([
        acknowledge(event, unit, asked, deadline),
        cache.fence(fencesOf(event), operationId, flightOf(event.memberId, operationId)),
      ]);
      return acknowledged;
    },
  };
}
