import { PROFILE_KEYS, type ProfileKey } from '../../topology';
import type { Fork, Version } from './version';

export type MemberStatus = 'active' | 'closed';
export type Tier = 'basic' | 'silver' | 'gold' | 'platinum';

export interface Profile {
  readonly name: string;
  readonly phone?: string;
  readonly email?: string;
  readonly unionId?: string;
  readonly idCard?: string;
  readonly birthDate?: string;
  readonly locale?: string;
  readonly city?: string;
  readonly tier?: Tier;
  readonly tags?: readonly string[];
  readonly marketingConsent?: boolean;
}

/** An account that a member holds. `generation` is that of the claim under which it was bound. */
export interface Binding {
  readonly platform: string;
  /** Canonical: what is claimed, stored and answered. */
  readonly account: string;
  readonly boundAt: string;
  readonly generation: number;
}

/** A unique profile key that a member holds, with the generation of its claim. */
export interface HeldKey {
  readonly key: string;
  readonly generation: number;
}

/** The one versioned document of a member, as the stores hold it. */
export interface MemberDocument {
  readonly memberId: string;
  readonly version: Version;
  readonly status: MemberStatus;
  readonly profile: Profile;
  readonly accounts: readonly Binding[];
  readonly heldKeys?: readonly HeldKey[];
  readonly registeredAt: string;
  readonly updatedAt: string;
}

/** A member's row at the database: the document and where its epochs began. */
export interface MemberRow {
  readonly document: MemberDocument;
  readonly forks: readonly Fork[];
}

/** A key by which a member is found: `kind` is `account:<platform>` or a profile key, `value` is canonical. */
export interface LookupKey {
  readonly kind: string;
  readonly value: string;
}

export interface ClaimReference {
  /** `<kind>:<canonical value>` */
  readonly key: string;
  readonly generation: number;
}

/**
 * One version of a member, as it travels: the whole document, so that no consumer needs the one before. What is
 * removed is named, because a document alone cannot say which keys it lost.
 */
export interface MemberEvent {
  readonly memberId: string;
  readonly unit: string;
  readonly version: Version;
  readonly operationId: string;
  readonly document: MemberDocument;
  /** Paths that this version changed (`profile.phone`, `accounts`, `status`). */
  readonly changed: readonly string[];
  readonly removedKeys: readonly LookupKey[];
  /** Claims that the document now holds, to be turned `held`. */
  readonly heldClaims: readonly ClaimReference[];
  /** Claims that the document gave up, to be freed. */
  readonly freedClaims: readonly ClaimReference[];
  readonly traceId?: string;
}

export function accountKind(platform: string): string {
  return `account:${platform}`;
}

export function lookupKeyText(key: LookupKey): string {
  return `${key.kind}:${key.value}`;
}

/** The form of a profile key under which a member is found: `email` ignores case, `idCard` case and separators. */
export function canonicalProfileKey(kind: ProfileKey, value: string): string {
  // Lower case can undo the normal form (a letter and its mark may now meet), so it is taken again.
  if (kind === 'email') return value.toLowerCase().normalize('NFC');
  return kind === 'idCard' ? value.replace(/[ ./-]/g, '').toUpperCase() : value;
}

/** Every key by which a member is found, in canonical form. A closed member is found by none. */
export function lookupKeysOf(document: MemberDocument): LookupKey[] {
  if (document.status === 'closed') return [];
  const profileKeys = PROFILE_KEYS.flatMap((kind) => {
    const value = document.profile[kind];
    return value === undefined ? [] : [{ kind, value: canonicalProfileKey(kind, value) }];
  });
  const accounts = document.accounts.map(({ platform, account }) => ({ kind: accountKind(platform), value: account }));
  return [...profileKeys, ...accounts];
}
