import { UNITS } from '../../topology';
import type { ClaimReference, MemberEvent } from '../core';

/**
 * Queues refuse these two, which JSON may hold as they are; every other one it must escape itself. Texts of members hold neither,
 * but one that did would hold up its queue for good.
 */
const REFUSED = /[\ufffe\uffff]/g;

/** An event as it stands in a bundle. */
export function encodeEvent(event: unknown): string {
  return JSON.stringify(event).replace(REFUSED, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

/** Events travel in bundles: one message carries one or more. */
export function bundleOf(encodedEvents: readonly string[]): string {
  return `{"events":[${encodedEvents.join(',')}]}`;
}

export function encodeBundle(events: readonly unknown[]): string {
  return bundleOf(events.map(encodeEvent));
}

/**
 * What a message brings: events, each of which may yet be none (see `illnessOf`).
 *
 * @throws SyntaxError or TypeError naming what is wrong with the message as a whole
 */
export function decodeBundle(body: string): readonly unknown[] {
  const bundle = JSON.parse(body) as { events?: unknown } | null;
  if (!Array.isArray(bundle?.events)) throw new TypeError('a bundle has a list of events');
  return bundle.events;
}

const MEMBER_ID = /^(0|[1-9][0-9]{0,18})$/;
const MAX_MEMBER_ID = 2n ** 63n;

/** Why something is no event that could ever be applied; undefined if it is one. */
export function illnessOf(candidate: unknown): string | undefined {
  const event = candidate as Partial<MemberEvent> | null;
  if (!isMemberId(event?.memberId)) return 'an event names its member';
  if (!UNITS.some(({ name }) => name === event?.unit)) return 'an event names a unit that exists';
  if (!Number.isSafeInteger(event?.version)) return 'an event has a version';
  if (event?.document?.memberId !== event?.memberId || event?.document?.version !== event?.version) {
    return 'an event carries the document of its member and version';
  }
  if (!Array.isArray(event?.removedKeys)) return 'an event names the keys that it removed';
  return areClaims(event?.heldClaims) && areClaims(event?.freedClaims) ? undefined : 'an event names its claims';
}

function isMemberId(id: unknown): boolean {
  return typeof id === 'string' && MEMBER_ID.test(id) && BigInt(id) < MAX_MEMBER_ID;
}

function areClaims(claims: unknown): boolean {
  const isClaim = (claim: Partial<ClaimReference> | null) =>
    typeof claim?.key === 'string' && Number.isSafeInteger(claim.generation);
  return Array.isArray(claims) && claims.every(isClaim);
}

/** SQS takes 256 KB; the rest is left for the envelope. */
const BUNDLE_BYTES = 200_000;

/** How many of these events, from the first one on, fit a message: one at least, for it could not be made smaller. */
export function countThatFits(encodedEvents: readonly string[], limitBytes = BUNDLE_BYTES): number {
  let bytes = 0;
  for (const [index, event] of encodedEvents.entries()) {
    bytes += Buffer.byteLength(event);
    if (index > 0 && bytes > limitBytes) return index;
  }
  return encodedEvents.length;
}
