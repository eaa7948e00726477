import type * as z from 'zod/mini';
import { PROFILE_KEYS, type ProfileKey } from '../../../topology';
import { canonicalProfileKey, type LookupKey } from '../../core';
import { email, idCard, phone, unionId } from './fields';
import { parse, refuse } from './parse';

/** Decoded query parameters: every value of each name. */
export type Query = Readonly<Record<string, readonly string[] | undefined>>;

/** What a profile key must be to be looked up: what it must be to be stored. */
export const LOOKUP_SCHEMAS: Readonly<Record<ProfileKey, z.ZodMiniType<string>>> = { phone, email, unionId, idCard };

/** @throws Problem INVALID_REQUEST unless exactly one key is named, once, and nothing else */
export function parseLookup(query: Query): LookupKey {
  const names = Object.keys(query);
  const kind = PROFILE_KEYS.find((key) => key === names[0]);
  const values = kind === undefined ? undefined : query[kind];
  const value = values?.[0];
  if (kind === undefined || value === undefined || names.length > 1 || values?.length !== 1) {
    return refuse('', `the query must name exactly one of ${PROFILE_KEYS.join(', ')}`);
  }
  const stored = parse(LOOKUP_SCHEMAS[kind], kind === 'phone' ? withPlus(value) : value, [kind]);
  return { kind, value: canonicalProfileKey(kind, stored) };
}

/** A plus that was not percent-encoded arrives as a space; no phone number begins with one. */
function withPlus(phoneGiven: string): string {
  return phoneGiven.startsWith(' ') ? `+${phoneGiven.slice(1)}` : phoneGiven;
}
