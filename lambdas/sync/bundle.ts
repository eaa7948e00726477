import type { MemberEvent } from '../core';

/** Events travel in bundles: one message carries one or more. */
export function encodeBundle(events: readonly MemberEvent[]): string {
  return JSON.stringify({ events });
}

/** @throws SyntaxError or TypeError naming what is wrong; such a message can never be processed */
export function decodeBundle(body: string): readonly MemberEvent[] {
  const bundle = JSON.parse(body) as { events?: unknown };
  if (!Array.isArray(bundle.events)) throw new TypeError('a bundle has a list of events');
  for (const event of bundle.events) requireEvent(event);
  return bundle.events as MemberEvent[];
}

function requireEvent(event: unknown): void {
  const candidate = event as Partial<MemberEvent> | null;
  const isWhole =
    typeof candidate?.memberId === 'string' &&
    Number.isSafeInteger(candidate.version) &&
    candidate.document?.memberId === candidate.memberId &&
    candidate.document.version === candidate.version &&
    Array.isArray(candidate.removedKeys) &&
    Array.isArray(candidate.heldClaims) &&
    Array.isArray(candidate.freedClaims);
  if (!isWhole) throw new TypeError('an event carries its member id, version, document, removed keys and claims');
}

/** SQS takes 256 KB; the rest is left for the envelope. */
const BUNDLE_BYTES = 200_000;

/** Splits events, kept in order, into bundles that fit a message. */
export function splitIntoBundles(events: readonly MemberEvent[], limitBytes = BUNDLE_BYTES): MemberEvent[][] {
  const bundles: MemberEvent[][] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event));
    const last = bundles.at(-1);
    if (last === undefined || bytes + size > limitBytes) {
      bundles.push([event]);
      bytes = size;
    } else {
      last.push(event);
      bytes += size;
    }
  }
  return bundles;
}
