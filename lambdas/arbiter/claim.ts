import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { PENDING_SHARDS } from '../../topology';
import { isoTime } from '../core';
import { type Item, number, readNumber, readOneOf, readOptionalText, readText, text } from './item';
import type { ItemUpdate } from './requests';
import type { UpdateOutcome } from './table';

const STATES = ['free', 'pending', 'held'] as const;
/**
 * `pending`: taken by an operation whose outcome stands in the member's schema. `held`: that outcome was seen in the
 * member's row. `free`: nobody's.
 */
export type ClaimState = (typeof STATES)[number];

/** Who holds a key (`<kind>:<canonical value>`). Every change except to `held` is a new generation. */
export interface Claim {
  readonly key: string;
  readonly generation: number;
  readonly state: ClaimState;
  /** Of a free claim: who had it last. */
  readonly memberId: string;
  readonly operationId: string;
  readonly leaseUntilMs: number;
  readonly requestHash?: string;
  /** Unit of `memberId`. */
  readonly unit?: string;
}

/** An operation that wants a claim for a member of a unit. The lease ends later than now. */
export interface Taking {
  readonly memberId: string;
  readonly unit: string;
  readonly operationId: string;
  readonly leaseUntilMs: number;
  readonly requestHash?: string;
}

/** `won`: the claim stands under the operation that asked; otherwise it is the claim of someone else. */
export interface TakeOutcome {
  readonly won: boolean;
  readonly claim: Claim;
}

const PENDING_ATTRIBUTES = '#pendingShard, #pendingSince';

export function claimKey(key: string): Item {
  return { key: text(key) };
}

export function claimOf(item: Item): Claim {
  const requestHash = readOptionalText(item, 'requestHash');
  const unit = readOptionalText(item, 'unit');
  return {
    key: readText(item, 'key'),
    generation: readNumber(item, 'generation'),
    state: readOneOf(item, 'state', STATES),
    memberId: readText(item, 'memberId'),
    operationId: readText(item, 'operationId'),
    leaseUntilMs: readNumber(item, 'leaseUntilMs'),
    ...(requestHash === undefined ? {} : { requestHash }),
    ...(unit === undefined ? {} : { unit }),
  };
}

/** What stands where a claim was never taken. */
export function untakenClaim(key: string): Claim {
  return { key, generation: 0, state: 'free', memberId: '', operationId: '', leaseUntilMs: 0 };
}

/** Partition of the sparse index that a pending claim stands in: any spreading will do, as long as it is even. */
export function pendingShardOf(key: string): string {
  let sum = 0;
  for (let at = 0; at < key.length; at++) sum = (sum * 31 + key.charCodeAt(at)) % 1_000_003;
  return String(sum % PENDING_SHARDS);
}

export const PENDING_SHARD_NAMES: readonly string[] = Array.from({ length: PENDING_SHARDS }, (_, shard) =>
  String(shard),
);

function pendingUnder(key: string, taking: Taking, nowMs: number): Pick<ItemUpdate, 'update' | 'values'> {
  const { requestHash } = taking;
  const set =
    'SET #generation = if_not_exists(#generation, :untaken) + :one, #state = :pending, #memberId = :memberId, ' +
    '#unit = :unit, #operationId = :operationId, #leaseUntilMs = :leaseUntilMs, ' +
    '#pendingShard = :pendingShard, #pendingSince = :pendingSince';
  return {
    update: requestHash === undefined ? `${set} REMOVE #requestHash` : `${set}, #requestHash = :requestHash`,
    values: {
      ':untaken': number(0),
      ':one': number(1),
      ':pending': text('pending'),
      ':memberId': text(taking.memberId),
      ':unit': text(taking.unit),
      ':operationId': text(taking.operationId),
      ':leaseUntilMs': number(taking.leaseUntilMs),
      ':pendingShard': text(pendingShardOf(key)),
      ':pendingSince': text(isoTime(nowMs)),
      ...(requestHash === undefined ? {} : { ':requestHash': text(requestHash) }),
    },
  };
}

/** Absent or free -> pending under the next generation. */
export function takeUpdate(key: string, taking: Taking, nowMs: number): ItemUpdate {
  const { update, values } = pendingUnder(key, taking, nowMs);
  return {
    update,
    condition: 'attribute_not_exists(#key) OR #state = :free',
    values: { ...values, ':free': text('free') },
  };
}

/** Pending or held under this very generation -> pending under the next one. */
export function takeOverUpdate(key: string, met: MetClaim, taking: Taking, nowMs: number): ItemUpdate {
  const { update, values } = pendingUnder(key, taking, nowMs);
  return {
    update,
    condition: `#generation = :generation AND #state <> :free${operationCondition(met)}`,
    values: { ...values, ...metValues(met), ':free': text('free') },
  };
}

/**
 * A claim that was met: its generation and, where its operation was judged by, that. A member whose binding came back after
 * a failover keeps its generation under another operation (`reviveUpdate`), and whoever judged it before has judged too early.
 */
export interface MetClaim {
  readonly generation: number;
  readonly operationId: string | undefined;
}

function operationCondition({ operationId }: MetClaim): string {
  return operationId === undefined ? '' : ' AND #operationId = :metOperationId';
}

function metValues({ generation, operationId }: MetClaim): Record<string, AttributeValue> {
  const values = { ':generation': number(generation) };
  return operationId === undefined ? values : { ...values, ':metOperationId': text(operationId) };
}

/** This member's under this very generation -> pending under it, for another operation. */
export function reviveUpdate(key: string, generation: number, taking: Taking, nowMs: number): ItemUpdate {
  return {
    update:
      'SET #state = :pending, #operationId = :operationId, #leaseUntilMs = :leaseUntilMs, ' +
      '#pendingShard = :pendingShard, #pendingSince = :pendingSince',
    condition: '#generation = :generation AND #memberId = :memberId AND #state <> :free',
    values: {
      ':pending': text('pending'),
      ':operationId': text(taking.operationId),
      ':leaseUntilMs': number(taking.leaseUntilMs),
      ':pendingShard': text(pendingShardOf(key)),
      ':pendingSince': text(isoTime(nowMs)),
      ':generation': number(generation),
      ':memberId': text(taking.memberId),
      ':free': text('free'),
    },
  };
}

/** Pending -> held under the same generation: it only records what the member's row already says. */
export function holdUpdate(generation: number): ItemUpdate {
  return {
    update: `SET #state = :held REMOVE ${PENDING_ATTRIBUTES}`,
    condition: '#generation = :generation AND #state = :pending',
    values: { ':held': text('held'), ':pending': text('pending'), ':generation': number(generation) },
  };
}

/** This very generation -> free under the next one. */
export function freeUpdate(met: MetClaim): ItemUpdate {
  return {
    update: `SET #state = :free, #generation = #generation + :one REMOVE ${PENDING_ATTRIBUTES}, #requestHash`,
    condition: `#generation = :generation AND #state <> :free${operationCondition(met)}`,
    values: { ...metValues(met), ':free': text('free'), ':one': number(1) },
  };
}

/**
 * Who won a take. A lost condition is no proof of having lost: where an earlier attempt went through and only its
 * answer was lost, the claim that stands is our own.
 */
export function takeOutcome(key: string, taking: Taking, outcome: UpdateOutcome): TakeOutcome {
  if (outcome.applied) return { won: true, claim: claimOf(outcome.item) };
  const claim = outcome.present === undefined ? untakenClaim(key) : claimOf(outcome.present);
  return { won: isOwn(claim, taking), claim };
}

/** As `takeOutcome`; an own claim of another generation is not the one that this take-over was to make. */
export function takeOverOutcome(key: string, generation: number, taking: Taking, outcome: UpdateOutcome): TakeOutcome {
  const { won, claim } = takeOutcome(key, taking, outcome);
  return { won: won && claim.generation === generation + 1, claim };
}

function isOwn(claim: Claim, taking: Taking): boolean {
  return claim.state !== 'free' && claim.operationId === taking.operationId;
}

/** Whether the claim is held under this generation, by this call or an earlier one. */
export function isHeld(generation: number, outcome: UpdateOutcome): boolean {
  if (outcome.applied) return true;
  if (outcome.present === undefined) return false;
  const claim = claimOf(outcome.present);
  return claim.generation === generation && claim.state === 'held';
}

/** Whether nobody can hold the key under this generation any more. */
export function isPast(generation: number, outcome: UpdateOutcome): boolean {
  if (outcome.applied) return true;
  if (outcome.present === undefined) return false;
  const claim = claimOf(outcome.present);
  return claim.generation > generation || (claim.generation === generation && claim.state === 'free');
}
