import type { JournaledCommand } from '../../../../lambdas/arbiter';
import { isInHistory, type MemberDocument, type MemberRow, type Version, versionOf } from '../../../../lambdas/core';
import type { Command } from '../../../../lambdas/members';
import { foldCommands } from '../../../../lambdas/members/fallback/fold';

const AT = '2026-01-01T00:00:00.000Z';
const TERMS = { epoch: 3, nowMs: Date.parse(AT) + 5000, stands: () => true, isGivenUp: () => false };

function documentAt(version: Version, change: Partial<MemberDocument> = {}): MemberDocument {
  const profile = { name: 'Ada', city: 'Kyōto', tier: 'basic' } as const;
  return {
    memberId: '42',
    version,
    status: 'active',
    profile,
    accounts: [],
    registeredAt: AT,
    updatedAt: AT,
    ...change,
  };
}

const rowAt = (version: Version, change: Partial<MemberDocument> = {}): MemberRow => ({
  document: documentAt(version, change),
  forks: [],
});

/** The n-th command of a fallback in epoch 2, which began with a copy of the version that the row had then. */
function journaled(n: number, command: Command, more: Partial<JournaledCommand> = {}): JournaledCommand {
  return {
    memberId: '42',
    version: versionOf(2, n),
    operationId: `operation ${n}`,
    command,
    document: documentAt(versionOf(2, n)),
    ...(n === 1 ? { base: documentAt(versionOf(1, 7)) } : {}),
    isConditional: false,
    claims: [],
    atMs: Date.parse(AT),
    ...more,
  };
}

const toCity = (city: string): Command => ({ kind: 'patch', patch: { city } });
const bind = (account: string): Command => ({ kind: 'bind', platform: 'app', account });
const claimOf = (account: string) => ({ key: `account:app:${account}`, generation: 4 });

test('race 26: commands are applied to the row as it is, and not what the search domain had of it', () => {
  const row = rowAt(versionOf(1, 9), { profile: { name: 'Ada', city: 'Kyōto', tier: 'gold' } });
  const { document, refused } = foldCommands(row, [journaled(1, toCity('Ōsaka')), journaled(2, toCity('Nara'))], TERMS);
  expect(document.profile).toEqual({ name: 'Ada', city: 'Nara', tier: 'gold' });
  expect([document.version, refused]).toEqual([versionOf(3, 1), []]);
});

test('a binding has the generation of its claim, and the time at which it was accepted', () => {
  const { document } = foldCommands(
    rowAt(versionOf(1, 7)),
    [journaled(1, bind('x'), { claims: [claimOf('x')] }), journaled(2, toCity('Nara'))],
    TERMS,
  );
  expect(document.accounts).toEqual([{ platform: 'app', account: 'x', boundAt: AT, generation: 4 }]);
  expect(document.updatedAt).toBe('2026-01-01T00:00:05.000Z');
});

test('race 27: what the row does not take, or its claim does not name any more, is refused by itself, and the row leads all copies nevertheless', () => {
  const gone = { ...TERMS, stands: () => false };
  const commands = [journaled(1, bind('x'), { claims: [claimOf('x')] }), journaled(2, toCity('Nara'))];
  const { document, refused } = foldCommands(rowAt(versionOf(1, 7)), commands, gone);
  expect(refused.map(({ command, code }) => [command.version, code])).toEqual([[versionOf(2, 1), 'ACCOUNT_BOUND']]);
  expect(document.profile.city).toBe('Nara');
  const closed = foldCommands(rowAt(versionOf(1, 9), { status: 'closed' }), [journaled(1, toCity('Nara'))], TERMS);
  expect(closed.refused[0]?.code).toBe('MEMBER_CLOSED');
  expect(closed.document).toMatchObject({ status: 'closed', version: versionOf(3, 1) });
});

test('race 26: who named a version is refused where the row is not what was seen', () => {
  const conditional = journaled(2, toCity('Nara'), { isConditional: true });
  const first = journaled(1, toCity('Ōsaka'));
  expect(foldCommands(rowAt(versionOf(1, 7)), [first, conditional], TERMS).refused).toEqual([]);
  const moved = foldCommands(rowAt(versionOf(1, 8)), [first, conditional], TERMS);
  expect(moved.refused.map(({ code }) => code)).toEqual(['VERSION_MISMATCH']);
  expect(moved.document.profile.city).toBe('Ōsaka');
  const refusedBefore = [journaled(1, bind('x')), conditional];
  expect(foldCommands(rowAt(versionOf(1, 7)), refusedBefore, { ...TERMS, stands: () => false }).refused).toHaveLength(
    2,
  );
  // Of one that comes late nobody knows what its caller saw.
  expect(foldCommands(rowAt(versionOf(1, 7)), [conditional], TERMS).refused).toHaveLength(1);
});

test('race 42: what the fallback made is the past of the row, and what an epoch before it lost is not', () => {
  const { document, forks } = foldCommands(rowAt(versionOf(1, 7)), [journaled(1, toCity('Nara'))], TERMS);
  const isPast = (version: Version) => isInHistory(version, { version: document.version, forks });
  expect([versionOf(1, 7), versionOf(2, 1)].map(isPast)).toEqual([true, true]);
  expect([versionOf(1, 8), versionOf(2, 2)].map(isPast)).toEqual([false, false]);
});

test('a command that comes after its unit was opened is the past of the row as well', () => {
  const first = foldCommands(rowAt(versionOf(1, 7)), [journaled(1, toCity('Nara'))], TERMS);
  const second = foldCommands(first, [journaled(2, toCity('Kōbe'))], TERMS);
  expect(second.document).toMatchObject({ version: versionOf(3, 2), profile: { city: 'Kōbe' } });
  const isPast = (version: Version) => isInHistory(version, { version: second.document.version, forks: second.forks });
  expect([versionOf(2, 2), versionOf(2, 3), versionOf(1, 8)].map(isPast)).toEqual([true, false, false]);
  // A member that nobody wrote in the fallback, until now.
  const untouched = foldCommands({ ...rowAt(versionOf(3, 4)), forks: [] }, [journaled(1, toCity('Nara'))], TERMS);
  expect(untouched.document.version).toBe(versionOf(3, 5));
});
