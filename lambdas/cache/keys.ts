import { createHash } from 'node:crypto';

/** The key of a member. Everything that belongs to it carries the same hash tag, so it lies in one slot. */
export const memberKey = (memberId: string): string => `{m:${memberId}}`;

/** The key of a look-up; the value is hashed because it may be personal and keys appear in tools and logs. */
export const lookupKey = (kind: string, value: string): string =>
  `{k:${kind}:${createHash('sha256').update(value).digest('base64url')}}`;

export const floorKey = (key: string): string => `${key}:floor`;
export const leaseKey = (key: string): string => `${key}:lease`;
export const marksKey = (key: string): string => `${key}:marks`;

/** Operations that are under way on members of one placement of a unit (`a1:17`). */
export const inFlightKey = (placement: string): string => `inflight:{${placement}}`;

/** Fences that could not be set in a region, by key; the second one says since when, for the same slot. */
export const unfencedKey = (region: string): string => `unfenced:${region}`;
export const unfencedSinceKey = (region: string): string => `{unfenced:${region}}:since`;

/** What was counted of a limit, under the name that tells it from others. */
export const limitKey = (name: string): string => `{limit:${tagOf(name)}}`;
export const limitPartsKey = (name: string): string => `${limitKey(name)}:parts`;

/** What environments count of accounts together: `reads` or `writes`. */
export const tallyKey = (name: string): string => `{tally:${name}}`;

/** An account in a tally, shorter than its name and telling nobody what it is. */
export const talliedAs = (account: string): string =>
  createHash('sha256').update(account).digest('base64url').slice(0, 16);

/** Names come from operators: none may end the hash tag. */
const tagOf = (name: string): string => name.replaceAll(/[{}]/g, encodeURIComponent);
