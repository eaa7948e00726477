import { PROFILE_KEYS, type ProfileKey } from '../../topology';
import { accountKind, type LookupKey, type MemberDocument } from './member';

/**
 * The form in which a profile key is looked up and claimed: an e-mail address ignores case, the others stand as they
 * are stored.
 */
export function canonicalProfileKey(kind: ProfileKey, stored: string): string {
  // Lower case can undo the normal form (a letter and its mark may meet), so it is taken again.
  return kind === 'email' ? stored.toLowerCase().normalize('NFC') : stored;
}

/** Every key by which a document is found: its accounts, then its profile keys. */
export function lookupKeysOf({ accounts, profile }: Pick<MemberDocument, 'accounts' | 'profile'>): LookupKey[] {
  const keys = accounts.map(({ platform, account }) => ({ kind: accountKind(platform), value: account }));
  for (const kind of PROFILE_KEYS) {
    const stored = profile[kind];
    if (stored !== undefined) keys.push({ kind, value: canonicalProfileKey(kind, stored) });
  }
  return keys;
}
