import { otherRegion, type Region } from '../../topology';
import type { Log, MemberEvent } from '../core';
import { boundedMs, type Deadline } from '../resilience';
import { type Outbox, type SchemaPlace, schemasOfUnit } from '../shards';
import type { Publisher } from './publisher';

const EVENTS_AT_ONCE = 100;
const PUBLISH_TIMEOUT_MS = 3000;

interface RelayParts {
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  readonly region: Region;
  readonly log: Log;
}

/**
 * Publishes the events of a unit whose time has come once more: those that no topic accepted, or that never arrived.
 * A schema that fails keeps no other one waiting.
 *
 * @returns how many were accepted
 */
export async function relay(parts: RelayParts, unit: { name: string; writer: Region }): Promise<number> {
  let accepted = 0;
  for (const place of schemasOfUnit(unit.name)) {
    try {
      accepted += await relayPlace(parts, place, unit.writer);
    } catch (error) {
      parts.log.warn('events of a schema could not be relayed', { schema: place.schema, error: error as Error });
    }
  }
  return accepted;
}

async function relayPlace(parts: RelayParts, place: SchemaPlace, writer: Region): Promise<number> {
  for (let accepted = 0; ; ) {
    const events = await parts.outbox.takeDue(place, writer, EVENTS_AT_ONCE);
    const outcomes = await Promise.all(events.map((event) => publishAnywhere(parts, event)));
    const refused = events.filter((_, index) => !outcomes[index]);
    accepted += events.length - refused.length;
    if (refused.length > 0) await parts.outbox.retrySoon(place, refused, writer);
    if (events.length < EVENTS_AT_ONCE || refused.length === events.length) return accepted;
  }
}

/** Either topic delivers to every queue: where one is lost, the other one does. */
export async function publishAnywhere(
  { publisher, region }: Pick<RelayParts, 'publisher' | 'region'>,
  event: MemberEvent,
  timeoutMs = PUBLISH_TIMEOUT_MS,
  deadline?: Deadline,
): Promise<boolean> {
  if (await publisher.publish(event, region, boundedMs(timeoutMs, deadline))) return true;
  return publisher.publish(event, otherRegion(region), boundedMs(timeoutMs, deadline));
}
