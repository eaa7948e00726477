import type { Binding, MemberDocument, Profile } from './member';

/** What stands in one field of a document; null where the document does not have it. */
export type FieldValue = string | boolean | readonly string[] | Binding | null;

/**
 * A document taken apart into what changes by itself: `status`, each field of the profile (`profile.phone`), and each
 * account (`accounts.<platform>:<account>`), so that two accounts that were bound side by side do not meet.
 */
export type Fields = ReadonlyMap<string, FieldValue>;

export const STATUS_FIELD = 'status';
const PROFILE = 'profile.';
const ACCOUNTS = 'accounts.';

export function fieldsOf(document: MemberDocument): Fields {
  const fields = new Map<string, FieldValue>([[STATUS_FIELD, document.status]]);
  for (const [name, value] of Object.entries(document.profile)) {
    if (value !== undefined) fields.set(PROFILE + name, value as FieldValue);
  }
  for (const { platform, account, boundAt, generation } of document.accounts) {
    // Built anew: stores of JSON may give back keys in another order, and fields are compared as text.
    fields.set(accountField(platform, account), { platform, account, boundAt, generation });
  }
  return fields;
}

export function accountField(platform: string, account: string): string {
  return `${ACCOUNTS}${platform}:${account}`;
}

/** The profile, status and accounts that fields say; the inverse of `fieldsOf`. */
export function contentOf(fields: Fields): Pick<MemberDocument, 'status' | 'profile' | 'accounts'> {
  const present = [...fields].filter(([, value]) => value !== null);
  const profile = present.flatMap(([path, value]) =>
    path.startsWith(PROFILE) ? [[path.slice(PROFILE.length), value]] : [],
  );
  const accounts = present.flatMap(([path, value]) => (path.startsWith(ACCOUNTS) ? [value as Binding] : []));
  return {
    status: fields.get(STATUS_FIELD) as MemberDocument['status'],
    profile: Object.fromEntries(profile) as Profile,
    accounts,
  };
}

export function isSameValue(one: FieldValue | undefined, other: FieldValue | undefined): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

/** Fields that differ between two documents, each with its value in the first one. */
export function valuesBefore(before: Fields, after: Fields): Record<string, FieldValue> {
  const paths = new Set([...before.keys(), ...after.keys()]);
  const differing = [...paths].filter((path) => !isSameValue(before.get(path), after.get(path)));
  return Object.fromEntries(differing.map((path) => [path, before.get(path) ?? null]));
}
