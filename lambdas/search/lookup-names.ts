import { createHash, createHmac } from 'node:crypto';
import { type LookupKey, lookupKeyText } from '../core';

/** Longest `_id` that the engine takes, in bytes of UTF-8. */
const MAX_ID_BYTES = 512;
/** A few characters of a hash spread keys over shards as well as all of it. */
const ROUTING_LENGTH = 8;

/** How a key is written in the index `lookups` of one domain. */
export interface LookupName {
  readonly kind: string;
  /** What stands for the value: itself, or its keyed hash. */
  readonly value: string;
  /** Equal for equal keys. Never the value itself: the engine reads commas in it as several routings. */
  readonly routing: string;
}

export type NameLookup = (key: LookupKey) => LookupName;

/** Stands for a key where the key may not: nobody without `contactKey` can try values against it. */
export function keyedHash(contactKey: string, key: LookupKey): string {
  return createHmac('sha256', contactKey).update(lookupKeyText(key)).digest('base64url');
}

/** In a domain that holds documents whole. Its routing needs no secret, so a new `contactKey` moves no look-up. */
export const nameWhole: NameLookup = ({ kind, value }) => ({
  kind,
  value,
  routing: plainHash(`${kind}:${value}`).slice(0, ROUTING_LENGTH),
});

/** In a masked domain. A few characters of a plain hash would be enough to guess a phone number. */
export function nameMasked(contactKey: string): NameLookup {
  return (key) => {
    const hash = keyedHash(contactKey, key);
    return { kind: key.kind, value: hash, routing: hash.slice(0, ROUTING_LENGTH) };
  };
}

/** Different for different keys and members: no kind contains `#`. */
export function lookupId({ kind, value }: LookupName, memberId: string): string {
  const id = `${kind}:${value}:${memberId}`;
  return Buffer.byteLength(id) <= MAX_ID_BYTES ? id : `${kind}#${plainHash(value)}:${memberId}`;
}

function plainHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
