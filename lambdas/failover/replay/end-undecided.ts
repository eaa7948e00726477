import type { Region } from '../../../topology';
import type { Arbiter } from '../../arbiter';
import { type Clock, isoTime, type Log } from '../../core';
import { type Shards, schemasOfUnit } from '../../shards';
import type { Snapshot } from '../../switches';
import { UNKNOWN_VERSION } from '../reconcile';

const MEMBERS_AT_ONCE = 200;

interface Parts {
  readonly arbiter: Pick<Arbiter, 'lost' | 'replays'>;
  readonly shards: Shards;
  readonly region: Region;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Lets members write again whose time of being undecided is over, for units whose writer stands in this region. Before
 * that, the operations of which no outcome was found are listed; an event that still comes takes them off the list.
 *
 * @returns how many members were let go
 */
export async function endUndecided(parts: Parts, snapshot: Snapshot): Promise<number> {
  let ended = 0;
  for (const [unit, { writer, mode, epoch }] of Object.entries(snapshot.units)) {
    if (writer !== parts.region || mode !== 'database') continue;
    for (const place of schemasOfUnit(unit)) {
      const memberIds = await parts.shards.undecided.overdue(place, writer, MEMBERS_AT_ONCE);
      if (memberIds.length > 0) await list(parts, unit, epoch, new Set(memberIds));
      for (const memberId of memberIds) await parts.shards.undecided.end(memberId, writer);
      ended += memberIds.length;
    }
  }
  return ended;
}

async function list(
  { arbiter, clock, log }: Parts,
  unit: string,
  epoch: number,
  memberIds: ReadonlySet<string>,
): Promise<void> {
  const operations = (await arbiter.replays.inFlight(unit, epoch)).filter(({ memberId }) => memberIds.has(memberId));
  for (const { memberId, operationId } of operations) {
    await arbiter.lost.put(unit, {
      memberId,
      epoch,
      version: UNKNOWN_VERSION,
      field: `*:${operationId}`,
      value: null,
      kept: null,
      base: null,
      reason: 'no outcome found',
      operationId,
      listedAt: isoTime(clock.nowMs()),
    });
  }
  log.error('operations that a failover cut off have no outcome; they are listed', { unit, members: memberIds.size });
}
