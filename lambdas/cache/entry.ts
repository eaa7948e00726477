import { MOST_BEHIND_MS } from './lifetimes';

export interface CacheEntry {
  /** Orders the values of one key. */
  readonly version: number;
  /** One character, the caller's meaning: `v` value, `c` closed member, `n` negative. */
  readonly flag: string;
  /** The answer's bytes as text; empty for negatives. */
  readonly body: string;
}

/** What a loader found in a database and may be cached. */
export interface Fillable {
  readonly kind: 'fillable';
  readonly entry: CacheEntry;
  /** Shorter for negatives; by default as long as values are kept. */
  readonly ttlMs?: number;
  /** How far the copy that was read may lag behind its writer: 0 for the writer, the heartbeat's age for a replica. */
  readonly behindMs: number;
}

/** What may be answered but never cached: degraded, too old a replica, a default. */
export interface Uncacheable<T> {
  readonly kind: 'uncacheable';
  readonly value: T;
}

const DIGITS = 16;
const VERSION_AT = 1 + DIGITS;
/** Flag, generation and version, each of fixed width, before the body. */
export const HEADER_LENGTH = 1 + 2 * DIGITS;

const padded = (value: number): string => String(value).padStart(DIGITS, '0');

export function encodeEntry(entry: CacheEntry, generation: number): string {
  return entry.flag + padded(generation) + padded(entry.version) + entry.body;
}

/** The entry in a stored text; undefined where there is none, or where it was filled before `generation`. */
export function decodeEntry(text: string | null, generation: number): CacheEntry | undefined {
  if (text === null || text.length < HEADER_LENGTH) return undefined;
  if (Number(text.slice(1, VERSION_AT)) < generation) return undefined;
  return {
    version: Number(text.slice(VERSION_AT, HEADER_LENGTH)),
    flag: text.charAt(0),
    body: text.slice(HEADER_LENGTH),
  };
}

/**
 * Whether what was read may be filled under a lease. A server that was started lately has lost its fences, so it only
 * takes what was read from a copy that cannot miss a commit of before its start.
 * @param uptimeS whole seconds for which the server had been running when it granted the lease
 */
export function mayFill(found: Fillable, uptimeS: number): boolean {
  if (found.behindMs === 0) return true;
  // Two moments of which each is cut to whole seconds: the difference may be a second too large.
  return found.behindMs <= MOST_BEHIND_MS && found.behindMs <= (uptimeS - 1) * 1000;
}
