import type { Profile } from '../../../lambdas/core';
import { type Account, type Call, canonical, type ProfilePatch } from './calls';

/** One member as the API promises it: a version, and what stands in it. */
export interface MemberState {
  readonly version: number;
  readonly status: 'absent' | 'active' | 'closed';
  readonly profile: Profile;
  readonly accounts: readonly Account[];
}

export const ABSENT: MemberState = { version: 0, status: 'absent', profile: { name: '' }, accounts: [] };

export type MemberRefusal = 'MEMBER_NOT_FOUND' | 'MEMBER_CLOSED' | 'VERSION_MISMATCH' | 'INVALID_REQUEST';

/** What a member answers, as far as it can tell alone: who holds an account is not known here. */
export type MemberAnswer =
  | { readonly kind: 'ok'; readonly changed: boolean }
  | { readonly kind: 'refused'; readonly code: MemberRefusal };

export type MemberCall = Extract<Call, { readonly member: string }>;

const MOST_ACCOUNTS = 200;

/**
 * What a call does to a member. A change makes the next version; `nextVersion` says which, because epochs are not known
 * here.
 */
export function applyToMember(
  state: MemberState,
  call: MemberCall,
  nextVersion: number,
): { readonly state: MemberState; readonly answer: MemberAnswer } {
  const refused = (code: MemberRefusal) => ({ state, answer: { kind: 'refused', code } as const });
  if (state.status === 'absent') return refused('MEMBER_NOT_FOUND');
  if (state.status === 'closed') return call.kind === 'close' ? unchanged(state) : refused('MEMBER_CLOSED');
  const change = changeOf(state, call);
  if (change === 'too many accounts') return refused('INVALID_REQUEST');
  if ('ifMatch' in call && call.ifMatch !== undefined && call.ifMatch !== String(state.version)) {
    return refused('VERSION_MISMATCH');
  }
  if (change === undefined) return unchanged(state);
  return { state: { ...state, ...change, version: nextVersion }, answer: { kind: 'ok', changed: true } };
}

function unchanged(state: MemberState): { state: MemberState; answer: MemberAnswer } {
  return { state, answer: { kind: 'ok', changed: false } };
}

type Change = Partial<Pick<MemberState, 'status' | 'profile' | 'accounts'>>;

function changeOf(state: MemberState, call: MemberCall): Change | undefined | 'too many accounts' {
  switch (call.kind) {
    case 'get':
      return undefined;
    case 'patch': {
      const profile = patched(state.profile, call.patch);
      return sameProfile(profile, state.profile) ? undefined : { profile };
    }
    case 'bind': {
      if (holds(state, call)) return undefined;
      if (state.accounts.length >= MOST_ACCOUNTS) return 'too many accounts';
      return { accounts: [...state.accounts, canonical(call)] };
    }
    case 'unbind':
      if (!holds(state, call)) return undefined;
      return { accounts: state.accounts.filter((held) => !sameAccount(held, call)) };
    case 'close':
      return { status: 'closed', accounts: [] };
  }
}

export function holds(state: MemberState, account: Account): boolean {
  return state.accounts.some((held) => sameAccount(held, account));
}

function sameAccount(one: Account, other: Account): boolean {
  const [left, right] = [canonical(one), canonical(other)];
  return left.platform === right.platform && left.account === right.account;
}

/** As RFC 7396 has it: null takes a field away, what is not named stays. */
export function patched(profile: Profile, patch: ProfilePatch): Profile {
  const fields = Object.entries({ ...profile, ...patch }).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(fields) as unknown as Profile;
}

export function sameProfile(one: Profile, other: Profile): boolean {
  return profileText(one) === profileText(other);
}

export function profileText(profile: Profile): string {
  return JSON.stringify(Object.entries(profile).sort(([one], [other]) => (one < other ? -1 : 1)));
}
