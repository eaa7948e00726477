import type { DomainName } from '../../topology';
import type { LookupKey, MemberDocument, MemberEvent, Tier, Version } from '../core';
import type { DomainRanges } from './ranges';

export type WriteOutcome =
  | { readonly ok: true }
  /** `retriable`: the same event may succeed later. `reason` names what is wrong, never a value. */
  | { readonly ok: false; readonly retriable: boolean; readonly reason: string };

/** `surpassed`: a higher version stands there, which stays. `reason` names what is wrong, never a value. */
export type RestoreOutcome =
  | { readonly kind: 'written' | 'surpassed' }
  | { readonly kind: 'refused'; readonly reason: string };

export type OneOrMore<T> = T | readonly T[];

/** Every field that is named must match; of several values, one must. A member without a field matches no value of it. */
export interface SearchFilter {
  readonly tier?: OneOrMore<Tier>;
  readonly city?: OneOrMore<string>;
  readonly tags?: OneOrMore<string>;
  readonly marketingConsent?: OneOrMore<boolean>;
  /** ISO 8601 in UTC with milliseconds; both ends belong to the range. */
  readonly registeredAt?: { readonly from?: string; readonly to?: string };
}

/** `name` is ordered by its bytes in UTF-8; members that are equal stand in the order of their ids as text. */
export type SearchSort = 'registeredAt' | '-registeredAt' | 'name';

/** Where a page ended: a place in the order of members, not a state of the engine. */
export interface CursorPosition {
  /** Of the field that is sorted by. */
  readonly value: string;
  readonly memberId: string;
}

export interface SearchRequest {
  readonly filter: SearchFilter;
  readonly sort: SearchSort;
  /** Most documents of the page: 1 to 200. */
  readonly limit: number;
  /** The page begins behind this place. */
  readonly after?: CursorPosition;
}

export interface SearchHit {
  readonly memberId: string;
  readonly version: Version;
  /** As the domain holds it: with contact data masked in a masked domain. */
  readonly document: MemberDocument;
}

export interface SearchPage {
  readonly documents: readonly SearchHit[];
  /** Absent on the last page. */
  readonly next?: CursorPosition;
}

/**
 * One search domain. Every call ends within its time, even if the engine is frozen, and throws Problem UNAVAILABLE
 * if the domain does not answer, rejects the call because it is overloaded, or has not been provisioned.
 */
export interface Domain {
  readonly name: DomainName;
  /**
   * Makes what is missing, and refuses a domain that is not as this room needs it. Idempotent.
   * @throws Error that says which mapping or thread pool is wrong
   */
  provision(): Promise<void>;
  /** Writes documents and look-ups by version: whatever the order of events, the highest version stands. */
  write(events: readonly MemberEvent[], timeoutMs?: number): Promise<readonly WriteOutcome[]>;
  /** As of now, not as of the last refresh. Undefined if the domain does not know the member; closed ones are known. */
  getMember(memberId: string, timeoutMs: number): Promise<MemberDocument | undefined>;
  /** Ids of the members that have a key, newest version first, as of the last refresh. */
  lookup(key: LookupKey, timeoutMs: number): Promise<readonly string[]>;
  /** Active members, as of the last refresh. */
  search(request: SearchRequest, timeoutMs: number): Promise<SearchPage>;
  /** Every member in the index, closed ones too, in the order of their ids as text, as of the last refresh. */
  scan(afterMemberId?: string): AsyncIterable<{ memberId: string; version: Version }>;
  /** Pages of members that were changed at or after a time (ISO 8601), closed ones too, as `scan` orders them. */
  changedSince(since: string, afterMemberId?: string): AsyncIterable<readonly SearchHit[]>;
  readonly ranges: DomainRanges;
  /** Succeeds if the domain could answer reads now. */
  ping(timeoutMs: number): Promise<void>;
  /** Makes everything that was written visible to searches. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}
