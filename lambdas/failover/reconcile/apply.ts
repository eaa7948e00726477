import type { Arbiter } from '../../arbiter';
import {
  type ClaimReference,
  type Clock,
  epochOf,
  type Log,
  lookupKeysOf,
  type MemberDocument,
  type MemberEvent,
  type MemberRow,
  unavailable,
} from '../../core';
import {
  claimsOf,
  eventOf,
  isRequestKey,
  removingKeys,
  type Settling,
  type SettlingParts,
  settleRow,
} from '../../members';
import { rangeOf } from '../../shards';
import type { UnitState } from '../../switches';
import { reconcile, type Taking } from './decide';
import { listGivenUp, listLost } from './list';
import { operationOf, operationsOf } from './operations';

/** Until a message that was given back comes again its claims stay the member's. */
const CLAIM_LEASE_MS = 120_000;
/** A row that keeps changing is given up after so many readings; the event comes back. */
const ATTEMPTS = 5;

export interface ReconcileParts extends SettlingParts {
  readonly arbiter: Pick<Arbiter, 'claims' | 'lost' | 'audit' | 'replays'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A version that a failover may have left behind. */
export interface Candidate {
  readonly document: MemberDocument;
  /** What its event says beside; nothing where it was found in a search domain. */
  readonly event?: MemberEvent;
}

export type Reconciled = 'contained' | Taking['kind'];

/**
 * Brings a version of an older epoch into the member's row, as far as it may: as the row's next version, by the path that
 * every write takes. What may not is listed first, so that nothing is lost if this ends half-way; it may be repeated.
 *
 * @throws Problem UNAVAILABLE where the writer, its lease or the arbiter is away: then it has to come again
 */
export async function settleCandidate(
  parts: ReconcileParts,
  candidate: Candidate,
  settling: Settling,
): Promise<Reconciled> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const reconciled = await attemptOnce(parts, candidate, settling);
    if (reconciled !== undefined) return reconciled;
  }
  throw unavailable('the member changes faster than it can be reconciled');
}

/** @returns undefined if the row has changed since it was read */
async function attemptOnce(
  parts: ReconcileParts,
  candidate: Candidate,
  settling: Settling,
): Promise<Reconciled | undefined> {
  const { shards, clock } = parts;
  const { unit } = settling;
  const { document, event } = candidate;
  const { memberId } = document;
  const row = (await shards.recovery.rows([memberId], unit.writer)).get(memberId);
  const terms = { epoch: unit.epoch, nowMs: clock.nowMs() };
  if (reconcile(row, document, { ...terms, stands: () => true }).kind === 'contained') {
    await recordOperation(parts, candidate, unit);
    return 'contained';
  }
  const registering = row === undefined ? await registeringOperations(parts, candidate) : [];
  const asked = [...operationsOf(document), ...registering];
  const decided = await shards.recovery.decided(memberId, asked, unit.writer);
  if (registering.some((operationId) => decided.get(operationId) === 'aborted')) {
    await listGivenUp(parts, candidate);
    return 'quarantine';
  }
  const operationId = operationOf(document, decided);
  const standing = await reviveClaims(parts, { row, document, operationId });
  const decision = reconcile(row, document, { ...terms, stands: (claim) => standing.has(nameOf(claim)) });
  if (decision.kind === 'contained') return 'contained';
  await listLost(parts, candidate, decision.lost);
  const next = {
    operationId,
    takenOperationId: event?.operationId,
    expected: row?.document.version,
    document: decision.document,
    forks: decision.forks,
    event: eventOfTaking(candidate, row, decision, operationId),
  };
  if (!(await settleRow(parts, next, settling))) return undefined;
  await settleList(parts, candidate);
  return decision.kind;
}

/** What may have registered the member; a copy does not name it, but what was under way was told to the replay. */
async function registeringOperations({ arbiter }: ReconcileParts, { document, event }: Candidate): Promise<string[]> {
  if (event !== undefined) return [event.operationId];
  const { memberId } = document;
  return arbiter.replays.inFlightOf(rangeOf(memberId).unit, memberId);
}

/**
 * What a row contains may have come to it by a copy, or with a later version, which do not name its operation: that would stay
 * on the list, and the request that registered the member would count as given up, and register another one when it is sent again.
 */
async function recordOperation(
  { arbiter, shards }: ReconcileParts,
  { event }: Candidate,
  unit: UnitState,
): Promise<void> {
  if (event === undefined) return;
  const { memberId, operationId } = event;
  if (event.heldClaims.some(({ key }) => isRequestKey(key))) {
    await shards.recovery.recordCommitted(memberId, operationId, unit.epoch, unit.writer);
  }
  if (!isRepeated(event)) {
    await arbiter.lost.settle(rangeOf(memberId).unit, { memberId, operationId, below: UNKNOWN_VERSION + 1 });
  }
}

/** As a replay tells of members once more, of which there are many, each under an operation that nobody has heard of. */
function isRepeated({ changed, heldClaims }: MemberEvent): boolean {
  return changed[0] === '*' && heldClaims.length === 0;
}

/** Stands for the version of an operation of which nobody knows what it wrote. */
export const UNKNOWN_VERSION = 0;

/**
 * What earlier versions of its epoch are listed for is decided by this one, which follows them; and its operation, if no outcome
 * of that was found, is unknown no longer. A copy does not name it, and is believed to have all.
 */
async function settleList({ arbiter }: ReconcileParts, { document, event }: Candidate): Promise<void> {
  const { memberId, version } = document;
  const unitName = rangeOf(memberId).unit;
  const operation = event === undefined ? {} : { operationId: event.operationId };
  await arbiter.lost.settle(unitName, { memberId, epoch: epochOf(version), below: version });
  // It was listed under the epoch of then; the unit may have moved on since.
  await arbiter.lost.settle(unitName, { memberId, ...operation, below: UNKNOWN_VERSION + 1 });
}

/**
 * Claims of the version that its member still has. Each becomes this operation's, so that whoever has just read the row
 * without the binding does not take it over any more: the operation's key decides between the two.
 */
async function reviveClaims(
  { arbiter, clock }: ReconcileParts,
  found: { row: MemberRow | undefined; document: MemberDocument; operationId: string },
): Promise<ReadonlySet<string>> {
  const { row, document, operationId } = found;
  const { memberId } = document;
  const known = new Set(row === undefined ? [] : claimsOf(row.document).map(nameOf));
  const standing = new Set(known);
  for (const claim of claimsOf(document)) {
    if (known.has(nameOf(claim))) continue;
    const leaseUntilMs = clock.nowMs() + CLAIM_LEASE_MS;
    const taking = { memberId, unit: rangeOf(memberId).unit, operationId, leaseUntilMs };
    if (await arbiter.claims.revive(claim.key, claim.generation, taking)) standing.add(nameOf(claim));
  }
  return standing;
}

function nameOf({ key, generation }: ClaimReference): string {
  return `${generation}#${key}`;
}

/** Keys that the lost version had, and the row has not, are taken off every copy that has them from it. */
function eventOfTaking(
  { document, event }: Candidate,
  row: MemberRow | undefined,
  decision: Taking,
  operationId: string,
): MemberEvent {
  const unit = rangeOf(document.memberId).unit;
  const requestClaim = event?.heldClaims.find(({ key }) => isRequestKey(key));
  const next = eventOf(row?.document, decision.document, { unit, operationId, traceId: event?.traceId, requestClaim });
  return removingKeys(next, [...lookupKeysOf(document), ...(event?.removedKeys ?? [])]);
}
