import { parseVersion, type Version } from '../../core';
import { refuse } from './parse';

/** Request headers by their names in lower case. */
export type Headers = Readonly<Record<string, string | undefined>>;

export const ACKNOWLEDGEMENTS = ['one', 'both', 'require-both'] as const;
/** Which regions must have a write before it is answered, and whether less will do. */
export type Acknowledgement = (typeof ACKNOWLEDGEMENTS)[number];

export function etagOf(version: Version): string {
  return `"${version}"`;
}

function versionIn(quoted: string): Version | undefined {
  if (quoted.length < 3 || !quoted.startsWith('"') || !quoted.endsWith('"')) return undefined;
  return parseVersion(quoted.slice(1, -1));
}

/**
 * The version that a write asks for; `*` for any that exists.
 *
 * @throws Problem INVALID_REQUEST also for weak tags, which do not promise that two versions are the same
 */
export function readIfMatch(headers: Headers): Version | '*' | undefined {
  const text = headers['if-match']?.trim();
  if (text === undefined || text === '*') return text;
  return versionIn(text) ?? refuse('If-Match', 'must be a version in double quotes, or *');
}

/** One entity tag of a list, weak or strong, and what follows it: within its quotes even a comma is no end. */
const ENTITY_TAG = /[ \t]*(?:W\/)?("[\x21\x23-\x7e\x80-\u{10ffff}]*")[ \t]*(,|$)/uy;
const MAX_TAGS = 32;

/**
 * Versions that the caller already holds; tags that are not ours match nothing.
 *
 * @throws Problem INVALID_REQUEST if it is not a list of at most 32 entity tags
 */
export function readIfNoneMatch(headers: Headers): readonly Version[] | '*' | undefined {
  const text = headers['if-none-match']?.trim();
  if (text === undefined || text === '*') return text;
  const single = versionIn(text);
  return single === undefined ? versionsIn(text) : [single];
}

function versionsIn(list: string): readonly Version[] {
  const versions: Version[] = [];
  let end = 0;
  for (let tags = 0; tags < MAX_TAGS; tags++) {
    ENTITY_TAG.lastIndex = end;
    const [whole, quoted, separator] = ENTITY_TAG.exec(list) ?? [];
    if (whole === undefined || quoted === undefined) break;
    const version = versionIn(quoted);
    if (version !== undefined) versions.push(version);
    if (separator === '') return versions;
    end += whole.length;
  }
  return refuse('If-None-Match', `must be a list of at most ${MAX_TAGS} entity tags, or *`);
}

/** Whether a caller with this `If-None-Match` already holds the version. */
export function holdsVersion(held: readonly Version[] | '*' | undefined, version: Version): boolean {
  return held !== undefined && (held === '*' || held.includes(version));
}

/**
 * The least version that an answer may have, bare or as an `ETag` gives it.
 *
 * @throws Problem INVALID_REQUEST
 */
export function readMinVersion(headers: Headers): Version | undefined {
  const text = headers['min-version']?.trim();
  if (text === undefined) return undefined;
  return parseVersion(text) ?? versionIn(text) ?? refuse('Min-Version', 'must be a version');
}

/** @throws Problem INVALID_REQUEST */
export function readAcknowledge(headers: Headers): Acknowledgement | undefined {
  const text = headers.acknowledge?.trim();
  if (text === undefined) return undefined;
  const asked = ACKNOWLEDGEMENTS.find((known) => known === text);
  return asked ?? refuse('Acknowledge', `must be one of ${ACKNOWLEDGEMENTS.join(', ')}`);
}

export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** @throws Problem INVALID_REQUEST */
export function readIdempotencyKey(headers: Headers): string | undefined {
  const text = headers['idempotency-key']?.trim();
  if (text === undefined || IDEMPOTENCY_KEY.test(text)) return text;
  return refuse('Idempotency-Key', 'must be 1 to 255 visible ASCII characters');
}
