import type { Region } from '../../../topology';
import { type Arbiter, type InFlight, newestEpochs } from '../../arbiter';
import { type Clock, isoTime, type Log } from '../../core';
import { type Shards, schemasOfUnit } from '../../shards';
import type { Snapshot } from '../../switches';
import { inParallel } from '../in-parallel';
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
      if (memberIds.length > 0) await list(parts, unit, epoch, memberIds);
      for (const memberId of memberIds) await parts.shards.undecided.end(memberId, writer);
      ended += memberIds.length;
    }
  }
  return ended;
}

async function list(parts: Parts, unit: string, epoch: number, memberIds: readonly string[]): Promise<void> {
  const { arbiter, clock, log } = parts;
  const operations = await openOperations(parts, unit, memberIds);
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
  const members = new Set(operations.map(({ memberId }) => memberId)).size;
  if (members > 0) log.error('operations that a failover cut off have no outcome; they are listed', { unit, members });
  const unlisted = memberIds.length - members;
  if (unlisted > 0)
    log.error('members were undecided, and no open operation of theirs is known', { unit, members: unlisted });
}

/** Operations of these members that replays were told of, and of which nobody knows an outcome. */
async function openOperations(
  { arbiter: { replays }, shards, region }: Parts,
  unit: string,
  memberIds: readonly string[],
): Promise<readonly InFlight[]> {
  const newest = newestEpochs(await replays.epochs(unit));
  const told = (await inParallel(newest, (epoch) => replays.inFlight(unit, epoch))).flat();
  const open = await inParallel(memberIds, async (memberId) => {
    const ids = [...new Set(told.filter((one) => one.memberId === memberId).map(({ operationId }) => operationId))];
    if (ids.length === 0) return [];
    const decided = await shards.recovery.decided(memberId, ids, region);
    return ids.filter((id) => !decided.has(id)).map((operationId) => ({ memberId, operationId }));
  });
  return open.flat();
}
