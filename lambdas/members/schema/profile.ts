import * as z from 'zod/mini';
import type { Profile } from '../../core';
import { latestDay } from './calendar';
import * as fields from './fields';
import { parse, refuse } from './parse';

/** Every field of a profile, in the order in which it is stored and answered. */
export const PROFILE_FIELDS = [
  'name',
  'phone',
  'email',
  'unionId',
  'idCard',
  'birthDate',
  'locale',
  'city',
  'tier',
  'tags',
  'marketingConsent',
] as const satisfies readonly (keyof Profile)[];

export const profileSchema = z.strictObject({
  name: fields.name,
  phone: z.exactOptional(fields.phone),
  email: z.exactOptional(fields.email),
  unionId: z.exactOptional(fields.unionId),
  idCard: z.exactOptional(fields.idCard),
  birthDate: z.exactOptional(fields.birthDate),
  locale: z.exactOptional(fields.locale),
  city: z.exactOptional(fields.city),
  tier: z.exactOptional(fields.tier),
  tags: z.exactOptional(fields.tags),
  marketingConsent: z.exactOptional(fields.marketingConsent),
});

const removable = <T extends z.ZodMiniType>(field: T) => z.exactOptional(z.nullable(field));

export const patchSchema = z.strictObject({
  name: z.exactOptional(fields.name),
  phone: removable(fields.phone),
  email: removable(fields.email),
  unionId: removable(fields.unionId),
  idCard: removable(fields.idCard),
  birthDate: removable(fields.birthDate),
  locale: removable(fields.locale),
  city: removable(fields.city),
  tier: removable(fields.tier),
  tags: removable(fields.tags),
  marketingConsent: removable(fields.marketingConsent),
});

/** A merge-patch (RFC 7396) of a profile: null removes a field, what is not named stays. */
export type ProfilePatch = Readonly<z.output<typeof patchSchema>>;

/**
 * @param nowMs bounds the day of birth
 * @throws Problem INVALID_REQUEST
 */
export function parsePatch(body: unknown, nowMs: number): ProfilePatch {
  const patch = parse(patchSchema, body);
  refuseFutureBirth(patch.birthDate, nowMs, 'birthDate');
  return patch;
}

/** @throws Problem INVALID_REQUEST */
export function refuseFutureBirth(birthDate: string | null | undefined, nowMs: number, path: string): void {
  if (typeof birthDate === 'string' && birthDate > latestDay(nowMs)) refuse(path, 'must not lie in the future');
}

export function applyPatch(profile: Profile, patch: ProfilePatch): Profile {
  return orderedProfile({ ...profile, ...patch });
}

/** The fields that have a value, in their order: equal profiles are equal as JSON. */
export function orderedProfile(source: { readonly [F in keyof Profile]?: Profile[F] | null }): Profile {
  const profile: Record<string, unknown> = {};
  for (const field of PROFILE_FIELDS) {
    const value = source[field];
    if (value !== undefined && value !== null) profile[field] = value;
  }
  return profile as unknown as Profile;
}
