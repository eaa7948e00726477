import type { Region } from '../../topology';
import { type Outbox, schemasOfUnit } from '../shards';
import type { Publisher } from './publisher';

const EVENTS_AT_ONCE = 100;
const PUBLISH_TIMEOUT_MS = 3000;

/**
 * Publishes the events of a unit whose time has come once more: those that no topic accepted, or that never arrived.
 *
 * @returns how many were accepted
 */
export async function relay(
  parts: { outbox: Outbox; publisher: Publisher; region: Region },
  unit: { name: string; writer: Region },
): Promise<number> {
  let accepted = 0;
  for (const place of schemasOfUnit(unit.name)) {
    let taken: number;
    do {
      const events = await parts.outbox.takeDue(place, unit.writer, EVENTS_AT_ONCE);
      const outcomes = await Promise.all(
        events.map((event) => parts.publisher.publish(event, parts.region, PUBLISH_TIMEOUT_MS)),
      );
      accepted += outcomes.filter(Boolean).length;
      taken = events.length;
    } while (taken === EVENTS_AT_ONCE);
  }
  return accepted;
}
