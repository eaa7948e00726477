import * as z from 'zod/mini';
import type { Profile } from '../../core';
import { type Account, accountSchema } from './account';
import { parse } from './parse';
import { orderedProfile, profileSchema, refuseFutureBirth } from './profile';
import { reasoned } from './text';

/** What a new member begins with. */
export interface Registration {
  readonly profile: Profile;
  /** Bound in the act of registering: all of them, or the registration fails. */
  readonly accounts: readonly Account[];
}

/** More are bound one by one: a registration needs a claim for each, and all at once. */
const MAX_ACCOUNTS = 100;

export const registrationSchema = z.strictObject({
  profile: profileSchema,
  accounts: z.exactOptional(
    z.array(accountSchema).check(
      z.maxLength(MAX_ACCOUNTS),
      reasoned((accounts) => (hasRepeated(accounts) ? 'must not repeat an account' : undefined)),
      z.meta({ uniqueItems: true }),
    ),
  ),
});

function hasRepeated(accounts: readonly Account[]): boolean {
  return new Set(accounts.map(({ platform, account }) => `${platform}:${account}`)).size < accounts.length;
}

/**
 * @param nowMs bounds the day of birth
 * @throws Problem INVALID_REQUEST
 */
export function parseRegistration(body: unknown, nowMs: number): Registration {
  const { profile, accounts = [] } = parse(registrationSchema, body);
  refuseFutureBirth(profile.birthDate, nowMs, 'profile.birthDate');
  return { profile: orderedProfile(profile), accounts };
}
