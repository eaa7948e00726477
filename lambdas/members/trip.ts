import { forksAfter, type Log, type MemberDocument, type MemberEvent, type MemberRow, unavailable } from '../core';
import { boundedMs, type Deadline } from '../resilience';
import { rangeOf, type Shards, type WriteOutcome } from '../shards';
import type { Switches, UnitState } from '../switches';
import { refusal } from './refusals';

/** Kept of a deadline for finding out what became of a write whose answer was lost. */
export const SETTLE_TIMEOUT_MS = 500;
const SETTLE_MOST_MS = 1000;

export interface Trip {
  readonly unitName: string;
  /** The unit as it was read before the operation's first act. */
  readonly unit: UnitState;
  readonly operationId: string;
  readonly before: MemberRow | undefined;
  readonly after: MemberDocument;
  readonly event: MemberEvent;
}

/** What a caller of `commitTrip` still has to deal with; everything else is thrown. */
export type TripEnd = 'committed' | 'version-lost' | 'id-taken';

/** A trip that failed; `certain` says that its operation was not and will not be committed. */
export class TripFailed extends Error {
  readonly certain: boolean;

  constructor(cause: Error, certain: boolean) {
    super(cause.message, { cause });
    this.name = 'TripFailed';
    this.certain = certain;
  }
}

interface Parts {
  readonly shards: Shards;
  readonly switches: Switches;
  readonly log: Log;
}

/**
 * Sends one write. Where its answer was lost, the operation's own key in the member's schema tells the outcome: either
 * it stands there as committed, or it is put there as aborted, and then nothing that still travels can commit it.
 *
 * @throws TripFailed
 */
export async function commitTrip(parts: Parts, trip: Trip, timeoutMs: number, deadline: Deadline): Promise<TripEnd> {
  const outcome = await parts.shards.members.write(
    {
      range: rangeOf(trip.after.memberId),
      epoch: trip.unit.epoch,
      operationId: trip.operationId,
      expected: trip.before?.document.version,
      document: trip.after,
      forks: JSON.stringify(trip.before === undefined ? [] : forksAfter(trip.before, trip.after)),
      event: trip.event,
    },
    trip.unit.writer,
    timeoutMs,
  );
  switch (outcome.kind) {
    case 'committed':
    case 'version-lost':
    case 'id-taken':
      return outcome.kind;
    case 'open':
    case 'decided':
      return settle(parts, trip, outcome, deadline);
    default:
      throw new TripFailed(await refusal(outcome, trip.unitName, parts.switches, deadline), true);
  }
}

async function settle(parts: Parts, trip: Trip, outcome: WriteOutcome, deadline: Deadline): Promise<TripEnd> {
  const asked = { memberId: trip.after.memberId, operationId: trip.operationId };
  const timeoutMs = boundedMs(SETTLE_MOST_MS, deadline);
  const settled = await parts.shards.members.abort(asked, trip.unit.epoch, trip.unit.writer, timeoutMs);
  parts.log.warn('the answer of a write was lost', {
    operation: trip.operationId,
    first: outcome.kind,
    settled: settled.kind,
  });
  if (settled.kind === 'committed') return 'committed';
  const cause = 'cause' in outcome ? outcome.cause : undefined;
  if (settled.kind === 'aborted') throw new TripFailed(unavailable('the write was given up', cause), true);
  throw new TripFailed(unavailable('it is not known whether the write was committed', cause), false);
}
