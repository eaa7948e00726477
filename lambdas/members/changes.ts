import { UNIQUE_PROFILE_KEYS } from '../../topology';
import {
  accountKind,
  type Binding,
  type ClaimReference,
  canonicalProfileKey,
  type HeldKey,
  isoTime,
  lookupKeysOf,
  lookupKeyText,
  type MemberDocument,
  type MemberEvent,
  Problem,
  type Profile,
  type Version,
} from '../core';
import { applyPatch, type ProfilePatch } from './schema';

/** What a caller wants of a member: plain data. A command is applied to the newest row, as often as that takes. */
export type Command =
  | { readonly kind: 'patch'; readonly patch: ProfilePatch }
  | { readonly kind: 'bind'; readonly platform: string; readonly account: string }
  | { readonly kind: 'unbind'; readonly platform: string; readonly account: string }
  | { readonly kind: 'close' }
  /** Takes a binding away that its claim no longer names. */
  | { readonly kind: 'drop'; readonly claim: ClaimReference };

/** What a member shall become; claims that it needs are taken before it is written. */
export interface Draft {
  readonly status: MemberDocument['status'];
  readonly profile: Profile;
  readonly accounts: readonly { readonly platform: string; readonly account: string }[];
}

/** Bounds the document, and so what an event and a cached answer weigh. */
export const MAX_ACCOUNTS = 200;

export function claimKeyOfAccount(platform: string, account: string): string {
  return lookupKeyText({ kind: accountKind(platform), value: account });
}

/**
 * @returns undefined if the member is as the command wants it already
 * @throws Problem MEMBER_CLOSED, or INVALID_REQUEST where the member would hold too many accounts
 */
export function applyCommand(document: MemberDocument, command: Command): Draft | undefined {
  if (document.status === 'closed') {
    if (command.kind === 'close' || command.kind === 'drop') return undefined;
    throw new Problem('MEMBER_CLOSED');
  }
  switch (command.kind) {
    case 'patch': {
      const profile = applyPatch(document.profile, command.patch);
      return changedFields(document.profile, profile).length === 0 ? undefined : { ...document, profile };
    }
    case 'bind':
      return holds(document, command) ? undefined : { ...document, accounts: withAccount(document.accounts, command) };
    case 'unbind':
      return holds(document, command)
        ? { ...document, accounts: document.accounts.filter((binding) => !isSameAccount(binding, command)) }
        : undefined;
    case 'drop': {
      const accounts = document.accounts.filter((binding) => !isNamedBy(binding, command.claim));
      return accounts.length === document.accounts.length ? undefined : { ...document, accounts };
    }
    case 'close':
      return { status: 'closed', profile: document.profile, accounts: [] };
  }
}

/** @throws Problem as `applyCommand`; VERSION_MISMATCH where the caller named another version */
export function applyIfMatched(
  document: MemberDocument,
  command: Command,
  ifMatch: Version | undefined,
): Draft | undefined {
  const draft = applyCommand(document, command);
  if (ifMatch !== undefined && document.status !== 'closed' && document.version !== ifMatch) {
    throw new Problem('VERSION_MISMATCH');
  }
  return draft;
}

type Account = { readonly platform: string; readonly account: string };

function isSameAccount(one: Account, other: Account): boolean {
  return one.platform === other.platform && one.account === other.account;
}

function holds(document: MemberDocument, account: Account): boolean {
  return document.accounts.some((binding) => isSameAccount(binding, account));
}

function isNamedBy(binding: Binding, claim: ClaimReference): boolean {
  return claimKeyOfAccount(binding.platform, binding.account) === claim.key && binding.generation === claim.generation;
}

function withAccount(accounts: readonly Account[], { platform, account }: Account): readonly Account[] {
  if (accounts.length >= MAX_ACCOUNTS) {
    const message = `a member holds at most ${MAX_ACCOUNTS} accounts`;
    throw new Problem('INVALID_REQUEST', { errors: [{ path: 'account', message }] });
  }
  return [...accounts, { platform, account }];
}

/** The claims that a document rests on, with their generations. */
export function claimsOf(document: MemberDocument): ClaimReference[] {
  const accounts = document.accounts.map(({ platform, account, generation }) => ({
    key: claimKeyOfAccount(platform, account),
    generation,
  }));
  return [...accounts, ...(document.heldKeys ?? [])];
}

/** Whether a row holds a claim under exactly this generation. */
export function holdsClaim(document: MemberDocument | undefined, claim: ClaimReference): boolean {
  if (document === undefined || document.status === 'closed') return false;
  return claimsOf(document).some(({ key, generation }) => key === claim.key && generation === claim.generation);
}

/** Keys that the draft needs claimed, in a fixed order, so that two drafts never wait for each other crosswise. */
export function claimKeysOf(draft: Draft): string[] {
  const accounts = draft.accounts.map(({ platform, account }) => claimKeyOfAccount(platform, account));
  return draft.status === 'closed' ? [] : [...accounts, ...uniqueKeysOf(draft.profile)].sort();
}

function uniqueKeysOf(profile: Profile): string[] {
  return UNIQUE_PROFILE_KEYS.flatMap((kind) => {
    const value = profile[kind];
    return value === undefined ? [] : [lookupKeyText({ kind, value: canonicalProfileKey(kind, value) })];
  });
}

/** A member that is about to be registered: it has an id, and nothing else yet. */
export interface NewMember {
  readonly memberId: string;
  readonly accounts: readonly Binding[];
  readonly heldKeys?: readonly HeldKey[];
  readonly registeredAt?: string;
}

/** The document of a draft: what it held before keeps its binding, what is new carries the generation of its claim. */
export function documentOf(
  draft: Draft,
  before: NewMember | MemberDocument,
  next: { version: Version; nowMs: number; generations: ReadonlyMap<string, number> },
): MemberDocument {
  const generationOf = (key: string): number => {
    const generation = next.generations.get(key);
    if (generation === undefined) throw new Error('a draft was written without a claim that it needs');
    return generation;
  };
  const updatedAt = isoTime(next.nowMs);
  const accounts = draft.accounts.map((account): Binding => {
    const kept = before.accounts.find((binding) => isSameAccount(binding, account));
    const key = claimKeyOfAccount(account.platform, account.account);
    return kept ?? { ...account, boundAt: updatedAt, generation: generationOf(key) };
  });
  const uniqueKeys = draft.status === 'closed' ? [] : uniqueKeysOf(draft.profile);
  const heldKeys = uniqueKeys.map(
    (key): HeldKey => before.heldKeys?.find((held) => held.key === key) ?? { key, generation: generationOf(key) },
  );
  return {
    memberId: before.memberId,
    version: next.version,
    status: draft.status,
    profile: draft.profile,
    accounts: accounts.map(({ platform, account, boundAt, generation }) => ({
      platform,
      account,
      boundAt,
      generation,
    })),
    ...(heldKeys.length > 0 ? { heldKeys } : {}),
    registeredAt: before.registeredAt ?? updatedAt,
    updatedAt,
  };
}

/** What changed between two versions of a member, as its consumers need it. */
export function eventOf(
  before: MemberDocument | undefined,
  after: MemberDocument,
  write: { unit: string; operationId: string; traceId?: string | undefined; requestClaim?: ClaimReference | undefined },
): MemberEvent {
  const keysAfter = new Set(lookupKeysOf(after).map(lookupKeyText));
  const claimsBefore = before === undefined ? [] : claimsOf(before);
  const claimsAfter = claimsOf(after);
  const taken = claimsAfter.filter((claim) => !includesClaim(claimsBefore, claim));
  return {
    memberId: after.memberId,
    unit: write.unit,
    version: after.version,
    operationId: write.operationId,
    document: after,
    changed: before === undefined ? ['*'] : changedPaths(before, after),
    removedKeys: before === undefined ? [] : lookupKeysOf(before).filter((key) => !keysAfter.has(lookupKeyText(key))),
    heldClaims: write.requestClaim === undefined ? taken : [...taken, write.requestClaim],
    freedClaims: claimsBefore.filter((claim) => !includesClaim(claimsAfter, claim)),
    ...(write.traceId === undefined ? {} : { traceId: write.traceId }),
  };
}

function includesClaim(claims: readonly ClaimReference[], claim: ClaimReference): boolean {
  return claims.some(({ key, generation }) => key === claim.key && generation === claim.generation);
}

function changedPaths(before: MemberDocument, after: MemberDocument): string[] {
  const paths = changedFields(before.profile, after.profile).map((field) => `profile.${field}`);
  if (before.status !== after.status) paths.push('status');
  if (JSON.stringify(before.accounts) !== JSON.stringify(after.accounts)) paths.push('accounts');
  return paths;
}

function changedFields(before: Profile, after: Profile): string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Profile>;
  return [...fields].filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
}
