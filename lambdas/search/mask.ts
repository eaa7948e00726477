import type { MemberDocument, Profile } from '../core';

const HIDDEN = '***';
const KEPT_DIGITS = 2;

type Mask = (value: string) => string;
const hide: Mask = () => HIDDEN;
/** Enough to tell a member's own numbers apart. What is masked already stays as it is. */
const hidePhone: Mask = (phone) =>
  phone.length > HIDDEN.length + 1 ? `${HIDDEN}${phone.slice(-KEPT_DIGITS)}` : HIDDEN;

/** Says of every field whether it tells how to reach or identify someone; a new field does not compile without. */
const PROFILE_MASKS: Readonly<Record<keyof Profile, 'open' | Mask>> = {
  name: 'open',
  phone: hidePhone,
  email: hide,
  unionId: hide,
  idCard: hide,
  birthDate: 'open',
  locale: 'open',
  city: 'open',
  tier: 'open',
  tags: 'open',
  marketingConsent: 'open',
};

/** Hides contact data of a document or an answer. Masking twice is masking once. */
export function maskContacts<T extends { profile: Profile; accounts: readonly { account: string }[] }>(member: T): T {
  return {
    ...member,
    profile: maskProfile(member.profile),
    accounts: member.accounts.map((account) => ({ ...account, account: HIDDEN })),
  };
}

/** The document as a class may see it that may not reach members: without contact data, and without its claims. */
export function maskDocument({ heldKeys: _, ...document }: MemberDocument): MemberDocument {
  return maskContacts(document);
}

/** Fields that are not known here are left out: a mask that has not heard of a field must not let it through. */
function maskProfile(profile: Profile): Profile {
  const fields = Object.entries(profile).flatMap(([field, value]) => {
    const mask = Object.hasOwn(PROFILE_MASKS, field) ? PROFILE_MASKS[field as keyof Profile] : undefined;
    if (mask === undefined || value === undefined) return [];
    return [[field, mask === 'open' ? value : mask(String(value))]];
  });
  return Object.fromEntries(fields) as unknown as Profile;
}
