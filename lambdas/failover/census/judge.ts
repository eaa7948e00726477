import { type CachedEntry, lookupKey } from '../../cache';
import { lookupKeysOf, type MemberDocument, type MemberRow } from '../../core';

/**
 * Why what a cache answers is not what the row says.
 * - `older`: a version that the row has left behind.
 * - `ahead`: a version that the row does not have.
 * - `negative`: it says that there is no such member.
 * - `misled`: the look-up leads to a member that does not have the key.
 * - `denied`: the look-up says that nobody has an account, which the row has.
 */
export type Staleness = 'older' | 'ahead' | 'negative' | 'misled' | 'denied';

export interface StaleEntry {
  readonly key: string;
  readonly memberId: string;
  readonly kind: Staleness;
  readonly cached: number;
  /** Undefined where there is no row; of a denied account the order of the look-up that leads to it. */
  readonly row: number | undefined;
}

/**
 * Below which nothing may be filled any more once it is forgotten. Look-ups are in the order of their claims: as high as a version
 * of the member no claim ever comes, and nobody could fill the account for as long as a fence lives.
 */
export function floorAbove({ kind, cached, row = 0 }: StaleEntry): number {
  return kind === 'misled' ? cached + 1 : row;
}

/** Whose row an entry has to be held against; undefined for a look-up that leads to nobody. */
export function memberOf({ memberId, body }: Pick<CachedEntry, 'memberId' | 'body'>): string | undefined {
  return memberId ?? (body === '' ? undefined : body);
}

/** @returns undefined if the entry says what the row says */
export function staleness(entry: CachedEntry, row: MemberRow | undefined): StaleEntry | undefined {
  const memberId = memberOf(entry);
  if (memberId === undefined) return undefined;
  const found = { key: entry.key, memberId, cached: entry.version, row: row?.document.version };
  if (entry.memberId === undefined) {
    return row !== undefined && isFoundBy(row.document, entry.key) ? undefined : { ...found, kind: 'misled' };
  }
  if (entry.flag === 'n') return row === undefined ? undefined : { ...found, kind: 'negative' };
  if (row === undefined || entry.version > row.document.version) return { ...found, kind: 'ahead' };
  return entry.version < row.document.version ? { ...found, kind: 'older' } : undefined;
}

function isFoundBy(document: MemberDocument, key: string): boolean {
  return lookupKeysOf(document).some(({ kind, value }) => lookupKey(kind, value) === key);
}
