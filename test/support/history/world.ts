import { type AccountState, applyToAccount, FREE } from './account-model';
import { type Account, accountText, type Call, canonical } from './calls';
import { ABSENT, applyToMember, type MemberCall, type MemberState, profileText } from './member-model';

/** All members and accounts, as one call after another leaves them. */
export interface World {
  readonly members: ReadonlyMap<string, MemberState>;
  readonly accounts: ReadonlyMap<string, AccountState>;
  /** What was registered under each idempotency key. */
  readonly requests: ReadonlyMap<string, { readonly member: string; readonly asked: string }>;
}

export const EMPTY: World = { members: new Map(), accounts: new Map(), requests: new Map() };

export type WorldAnswer =
  | { readonly kind: 'member'; readonly member: string; readonly state: MemberState; readonly changed: boolean }
  | { readonly kind: 'items'; readonly items: readonly { readonly id: string; readonly state: MemberState }[] }
  | { readonly kind: 'refused'; readonly code: string };

/** What only the system can choose: the id of a new member, and each next version. */
export interface Choice {
  readonly newMember: string;
  nextVersion(current: number): number;
}

export interface Step {
  readonly world: World;
  readonly answer: WorldAnswer;
}

/** What the API answers to a call when nothing else is under way. */
export function applyToWorld(world: World, call: Call, choice: Choice): Step {
  switch (call.kind) {
    case 'register':
      return register(world, call, choice);
    case 'batch': {
      const items = call.members.map((id) => ({ id, state: memberIn(world, id) }));
      return { world, answer: { kind: 'items', items } };
    }
    case 'find': {
      const { answer } = applyToAccount(accountIn(world, call), { kind: 'find' });
      if (answer.kind === 'refused' || answer.holder === undefined) return refused(world, 'NOT_BOUND');
      return { world, answer: answerOf(answer.holder, memberIn(world, answer.holder), false) };
    }
    default:
      return change(world, call, choice);
  }
}

export function memberIn(world: World, member: string): MemberState {
  return world.members.get(member) ?? ABSENT;
}

function accountIn(world: World, account: Account): AccountState {
  return world.accounts.get(accountText(account)) ?? FREE;
}

function refused(world: World, code: string): Step {
  return { world, answer: { kind: 'refused', code } };
}

function answerOf(member: string, state: MemberState, changed: boolean): WorldAnswer {
  return { kind: 'member', member, state, changed };
}

function register(world: World, call: Extract<Call, { kind: 'register' }>, choice: Choice): Step {
  const asked = `${profileText(call.profile)} ${call.accounts.map(accountText).join()}`;
  const earlier = call.idempotencyKey === undefined ? undefined : world.requests.get(call.idempotencyKey);
  if (earlier !== undefined) {
    if (earlier.asked !== asked) return refused(world, 'IDEMPOTENCY_MISMATCH');
    return { world, answer: answerOf(earlier.member, memberIn(world, earlier.member), false) };
  }
  const member = choice.newMember;
  const accounts = new Map(world.accounts);
  for (const account of call.accounts) {
    const { state, answer } = applyToAccount(accountIn(world, account), { kind: 'register', member });
    if (answer.kind === 'refused') return refused(world, answer.code);
    accounts.set(accountText(account), state);
  }
  const state: MemberState = {
    version: choice.nextVersion(0),
    status: 'active',
    profile: call.profile,
    accounts: call.accounts.map(canonical),
  };
  const requests = new Map(world.requests);
  if (call.idempotencyKey !== undefined) requests.set(call.idempotencyKey, { member, asked });
  const members = new Map(world.members).set(member, state);
  return { world: { members, accounts, requests }, answer: answerOf(member, state, true) };
}

function change(world: World, call: MemberCall, choice: Choice): Step {
  const before = memberIn(world, call.member);
  const { state, answer } = applyToMember(before, call, choice.nextVersion(before.version));
  if (answer.kind === 'refused') return refused(world, answer.code);
  if (!answer.changed) return { world, answer: answerOf(call.member, state, false) };
  const accounts = new Map(world.accounts);
  if (call.kind === 'bind' || call.kind === 'unbind') {
    const asked = applyToAccount(accountIn(world, call), { kind: call.kind, member: call.member });
    if (asked.answer.kind === 'refused') return refused(world, asked.answer.code);
    accounts.set(accountText(call), asked.state);
  }
  if (call.kind === 'close') for (const account of before.accounts) accounts.set(accountText(account), FREE);
  const members = new Map(world.members).set(call.member, state);
  return { world: { ...world, members, accounts }, answer: answerOf(call.member, state, true) };
}
