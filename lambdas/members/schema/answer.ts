import type { MemberDocument, MemberStatus, Profile } from '../../core';
import { orderedProfile } from './profile';

/** A member as callers see it. The keys of every object stand in one fixed order. */
export interface PublicMember {
  readonly memberId: string;
  /** Decimal, as text: not every reader of JSON keeps 53 bits. */
  readonly version: string;
  readonly status: MemberStatus;
  readonly profile: Profile;
  readonly accounts: readonly PublicAccount[];
  readonly registeredAt: string;
  readonly updatedAt: string;
}

export interface PublicAccount {
  readonly platform: string;
  readonly account: string;
  readonly boundAt: string;
}

/** What a caller may see of a document, built anew: stores may have reordered its keys. */
export function toAnswer(document: MemberDocument): PublicMember {
  return {
    memberId: document.memberId,
    version: String(document.version),
    status: document.status,
    profile: orderedProfile(document.profile),
    accounts: document.accounts.map(({ platform, account, boundAt }) => ({ platform, account, boundAt })),
    registeredAt: document.registeredAt,
    updatedAt: document.updatedAt,
  };
}

/** The answer's bytes: one text for each version of a member, in which `accountFragment` can be searched. */
export function publicJson(document: MemberDocument): string {
  return JSON.stringify(toAnswer(document));
}

/**
 * The text that stands in a member's answer if, and only if, the account is bound: it begins with a bare quote, which
 * no text inside a JSON string has, and only accounts are objects that begin with `platform`.
 */
export function accountFragment(platform: string, account: string): string {
  return `{"platform":${JSON.stringify(platform)},"account":${JSON.stringify(account)},`;
}
