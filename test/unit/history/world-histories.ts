import fc from 'fast-check';
import type { PublicMember } from '../../../lambdas/members/schema';
import {
  applyToWorld,
  type Call,
  EMPTY,
  type MemberState,
  type Outcome,
  type World,
  type WorldAnswer,
} from '../../support/history';

const MEMBERS = ['1', '2', '3'];
const ACCOUNTS = ['x', 'y', 'z'];

/** Which of the members that are there is meant is said by a number, because ids come from answers. */
const member = fc.constantFrom(...MEMBERS, '4');
const account = fc.record({ platform: fc.constantFrom('app', 'web'), account: fc.constantFrom(...ACCOUNTS, 'X') });
const city = fc.constantFrom('Bonn', 'Rome', null);

export const anyCall: fc.Arbitrary<Call> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('patch' as const), member, patch: fc.record({ city }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('patch' as const),
      member,
      patch: fc.record({ city }),
      ifMatch: fc.constantFrom('1', '2', '3'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(member, account).map(([id, one]) => ({ kind: 'bind' as const, member: id, ...one })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(member, account).map(([id, one]) => ({ kind: 'unbind' as const, member: id, ...one })),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), member }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('get' as const), member }) },
  { weight: 3, arbitrary: account.map((one) => ({ kind: 'find' as const, ...one })) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('batch' as const), members: fc.array(member, { maxLength: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('register' as const),
      profile: fc.record({ name: fc.constantFrom('one', 'other') }),
      accounts: fc.array(account, { maxLength: 1 }),
      idempotencyKey: fc.constantFrom('k', 'l'),
    }),
  },
);

export type Answered = readonly [Call, Outcome];

/** What the model answers to calls one after another; three members are there from the beginning. */
export function sequentialRun(calls: readonly Call[]): Answered[] {
  let world: World = EMPTY;
  let ids = 0;
  const registering = MEMBERS.map((name): Call => ({ kind: 'register', profile: { name }, accounts: [] }));
  return [...registering, ...calls].map((call) => {
    const choice = { newMember: String(ids + 1), nextVersion: (current: number) => current + 1 };
    const step = applyToWorld(world, call, choice);
    if (step.world.members.size > world.members.size) ids += 1;
    world = step.world;
    return [call, outcomeOf(call, step.answer)] as const;
  });
}

function outcomeOf(call: Call, answer: WorldAnswer): Outcome {
  switch (answer.kind) {
    case 'items': {
      const items = answer.items.map(({ id, state }) =>
        state.status === 'active' ? { id, document: shownAs(id, state) } : { id, code: codeOf(state) },
      );
      return { kind: 'ok', status: 200, items };
    }
    case 'refused':
      return { kind: 'refused', status: 409, code: answer.code };
    case 'member': {
      const version = String(answer.state.version);
      const isSilent = call.kind === 'unbind' || call.kind === 'close';
      if (isSilent) return { kind: 'ok', status: 204, version };
      return { kind: 'ok', status: 200, version, document: shownAs(answer.member, answer.state) };
    }
  }
}

function codeOf({ status }: MemberState): string {
  return status === 'closed' ? 'MEMBER_CLOSED' : 'MEMBER_NOT_FOUND';
}

function shownAs(memberId: string, { version, status, profile, accounts }: MemberState): PublicMember {
  if (status === 'absent') throw new Error('a member that is not there has no document');
  const at = '2026-01-01T00:00:00.000Z';
  return {
    memberId,
    version: String(version),
    status,
    profile,
    accounts: accounts.map((one) => ({ ...one, boundAt: at })),
    registeredAt: at,
    updatedAt: at,
  };
}
