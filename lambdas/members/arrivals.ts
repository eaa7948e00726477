import type { Region } from '../../topology';
import type { Cache } from '../cache';
import type { MemberEvent } from '../core';
import type { Snapshot } from '../switches';
import type { EventOutcome } from '../sync';
import type { Claims } from './claims';
import { fencesOf } from './fences';

interface Parts {
  readonly region: Region;
  readonly cache: Pick<Cache, 'fenceHere'>;
  readonly claims: Claims;
}

/** Whether this region holds the writer of the event's unit now: then it is the one that tidies. */
export function tidiesHere(event: MemberEvent, snapshot: Snapshot, region: Region): boolean {
  return snapshot.units[event.unit]?.writer === region;
}

/**
 * What an arrived event does in a region: its cache is fenced again, whatever the writer managed to set, and claims
 * are turned or freed where the unit's writer stands. An event whose cache or arbiter does not answer comes back.
 */
export async function applyArrivals(
  { region, cache, claims }: Parts,
  events: readonly MemberEvent[],
  snapshot: Snapshot,
): Promise<readonly EventOutcome[]> {
  const fencing = settled(cache.fenceHere(events.flatMap(fencesOf)));
  const tidied = await Promise.all(
    events.map((event) => (tidiesHere(event, snapshot, region) ? settled(tidy(claims, event)) : undefined)),
  );
  const fenceError = await fencing;
  return tidied.map((tidyError) => {
    const error = fenceError ?? tidyError;
    return error === undefined ? { ok: true } : { ok: false, retriable: true, reason: error.message };
  });
}

async function tidy(claims: Claims, event: MemberEvent): Promise<void> {
  await claims.hold(event.heldClaims);
  await claims.free(event.memberId, event.freedClaims);
}

function settled(work: Promise<void>): Promise<Error | undefined> {
  return work.then(
    () => undefined,
    (error: Error) => error,
  );
}
