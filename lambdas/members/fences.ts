import { type Flight, lookupKey, memberKey } from '../cache';
import type { ClaimReference, MemberEvent } from '../core';
import { placementOf, rangeOf } from '../shards';
import type { Command } from './changes';
import { claimKeyOfAccount } from './changes';
import { isRequestKey } from './encounters';

/**
 * Cached look-ups are ordered by the generation of their claim: "bound" under generation g, then "not bound any more"
 * under g, then "bound" under g + 1.
 */
export function boundOrder(generation: number): number {
  return 2 * generation;
}

export function unboundOrder(generation: number): number {
  return 2 * generation + 1;
}

/** Cache keys that a write of this event makes old, with the floors below which nothing may be filled any more. */
export function fencesOf(event: MemberEvent): { key: string; version: number }[] {
  return [
    { key: memberKey(event.memberId), version: event.version },
    ...lookupFences(event.heldClaims, boundOrder),
    ...lookupFences(event.freedClaims, unboundOrder),
  ];
}

function lookupFences(claims: readonly ClaimReference[], order: (generation: number) => number) {
  return claims
    .filter(({ key }) => !isRequestKey(key))
    .map(({ key, generation }) => ({ key: lookupKeyOfClaim(key), version: order(generation) }));
}

/** A claim's key is `<kind>:<value>`; the kind of an account is `account:<platform>`. */
export function lookupKeyOfClaim(key: string): string {
  const start = key.startsWith('account:') ? 'account:'.length : 0;
  const colon = key.indexOf(':', start);
  return lookupKey(key.slice(0, colon), key.slice(colon + 1));
}

/** Cache keys to mark before the row is read; what else a command turns out to change is fenced after the write. */
export function keysToMark(memberId: string, command: Command): string[] {
  const account =
    command.kind === 'bind' || command.kind === 'unbind'
      ? [lookupKeyOfClaim(claimKeyOfAccount(command.platform, command.account))]
      : [];
  return [memberKey(memberId), ...account];
}

/** Under what the other region knows of an operation that is under way. */
export function flightOf(memberId: string, operationId: string): Flight {
  return {
    placement: flightPlacement(rangeOf(memberId).unit, placementOf(memberId)),
    entry: `${memberId}:${operationId}`,
  };
}

export function flightPlacement(unit: string, placement: number): string {
  return `${unit}:${placement}`;
}

/** The operation of an entry. */
export function operationOfFlight(entry: string): { memberId: string; operationId: string } {
  const colon = entry.indexOf(':');
  return { memberId: entry.slice(0, colon), operationId: entry.slice(colon + 1) };
}
