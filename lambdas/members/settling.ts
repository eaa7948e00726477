import { type Cache, memberKey } from '../cache';
import { type Fork, type LookupKey, lookupKeysOf, lookupKeyText, type MemberEvent, unavailable } from '../core';
import { rangeOf, type Shards, type WriteOutcome, type WriteTrip } from '../shards';
import type { UnitState } from '../switches';
import type { Acknowledge, Announcer } from './announce';
import { flightOf } from './fences';

const TRIP_TIMEOUT_MS = 3000;
/** Somebody else has written the row, or decided one of the operations: the row is looked at again. */
const LOST: readonly WriteOutcome['kind'][] = ['version-lost', 'decided', 'id-taken', 'busy'];

/** Under what rows are written by no caller: by what prepares a unit before there is a lease, by all others under it. */
export interface Settling {
  readonly unit: UnitState;
  readonly needsLease: boolean;
}

export interface SettlingParts {
  readonly cache: Cache;
  readonly shards: Shards;
  readonly announcer: Announcer;
}

/** What a row becomes by something that was accepted elsewhere, or that a failover has left behind. */
export interface SettledRow extends Omit<WriteTrip, 'range' | 'epoch' | 'forks'> {
  readonly forks: readonly Fork[];
}

/**
 * Makes a row's next version stand by the path that every write takes: marks the caches, writes under fence and version,
 * tells it. The member may be undecided, and is decided by it.
 *
 * @param acknowledge `both` of what both regions were said to have: the other one is told first
 * @returns false if the row, or what is decided of the operations, has changed since it was read
 * @throws Problem UNAVAILABLE where the writer or its lease is away, or the unit is in another epoch
 */
export async function settleRow(
  { cache, shards, announcer }: SettlingParts,
  { forks, ...row }: SettledRow,
  { unit, needsLease }: Settling,
  acknowledge: Exclude<Acknowledge, 'require-both'> = 'one',
): Promise<boolean> {
  const { operationId, event } = row;
  const { memberId } = row.document;
  const trip = { ...row, range: rangeOf(memberId), epoch: unit.epoch, forks: JSON.stringify(forks) };
  await cache.mark([memberKey(memberId)], operationId, flightOf(memberId, operationId));
  const outcome = await shards.members.settle(trip, needsLease, unit.writer, TRIP_TIMEOUT_MS);
  if (LOST.includes(outcome.kind)) return false;
  if (outcome.kind !== 'committed') throw unavailable(`the writer did not take a row that is settled: ${outcome.kind}`);
  await announcer.announce(event, unit, operationId, acknowledge);
  return true;
}

/** The event of a settled row: keys that others have seen of its member, and it has not, are taken off every copy too. */
export function removingKeys(event: MemberEvent, seen: readonly LookupKey[]): MemberEvent {
  const present = new Set(lookupKeysOf(event.document).map(lookupKeyText));
  const known = new Map([...event.removedKeys, ...seen].map((key) => [lookupKeyText(key), key]));
  return { ...event, removedKeys: [...known.values()].filter((key) => !present.has(lookupKeyText(key))) };
}
