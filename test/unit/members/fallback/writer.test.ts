import fc from 'fast-check';
import { isProblem, type MemberDocument, systemClock, type Version, versionOf } from '../../../../lambdas/core';
import type { Command } from '../../../../lambdas/members';
import { Deadline } from '../../../../lambdas/resilience';
import { encodeMemberId } from '../../../../lambdas/shards';
import { FALLBACK_EPOCH, World } from './world';

const AT = '2026-01-01T00:00:00.000Z';
const memberId = encodeMemberId({ placement: 1, drawnAtMs: Date.UTC(2026, 0), region: 'A', layout: 0, random: 1 });
const MEMBER: MemberDocument = {
  memberId,
  version: versionOf(1, 7),
  status: 'active',
  profile: { name: 'Ada', city: 'Kyōto' },
  accounts: [],
  registeredAt: AT,
  updatedAt: AT,
};
const toCity = (city: string): Command => ({ kind: 'patch', patch: { city } });

let world: World;
beforeEach(() => {
  world = new World(async () => undefined, [MEMBER]);
});

async function execute(command: Command, ifMatch?: Version) {
  const writer = world.writer({ epoch: FALLBACK_EPOCH, writer: 'A', mode: 'fallback' });
  const deadline = Deadline.after(5000, systemClock);
  const written = await writer.execute(memberId, command, { acknowledge: 'one', deadline, ifMatch });
  return { version: written.document.version, acknowledged: written.acknowledged };
}

test('a command is acknowledged by both regions, under the next version of the epoch of the fallback', async () => {
  expect(await execute(toCity('Nara'))).toEqual({ version: versionOf(2, 1), acknowledged: 'both' });
  expect(await execute(toCity('Kōbe'))).toEqual({ version: versionOf(2, 2), acknowledged: 'both' });
});

test('what changes nothing on a copy is journaled, because the copy may be behind; what changes nothing after that is not', async () => {
  expect((await execute(toCity('Kyōto'))).version).toBe(versionOf(2, 1));
  expect((await execute(toCity('Kyōto'))).version).toBe(versionOf(2, 1));
  expect(await world.journaled()).toBe(1);
});

test('a version that the member does not have is a mismatch, one that no copy has reached may be', async () => {
  await expect(execute(toCity('Nara'), versionOf(1, 6))).rejects.toMatchObject({ code: 'VERSION_MISMATCH' });
  await expect(execute(toCity('Nara'), versionOf(1, 8))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect((await execute(toCity('Nara'), versionOf(1, 7))).version).toBe(versionOf(2, 1));
  await expect(execute(toCity('Kōbe'), versionOf(2, 2))).rejects.toMatchObject({ code: 'VERSION_MISMATCH' });
});

test('race 43: what both regions were said to have is told to the one without the writer before the journal forgets it', async () => {
  await execute(toCity('Nara'));
  await world.leave(0);
  expect(await world.journaled()).toBe(0);
  expect(world.told).toContainEqual({ version: versionOf(3, 1), region: 'B' });
});

test('whoever puts a command after the unit was opened replays it, and answers by what became of it', async () => {
  await world.leave(0);
  const { version, acknowledged } = await execute(toCity('Nara'));
  expect([version, acknowledged]).toEqual([versionOf(3, 1), 'one']);
  expect(world.rows.get(memberId)?.document.profile.city).toBe('Nara');
  expect(await world.journaled()).toBe(0);
});

test('race 26: whoever puts a command that somebody else replays, and the row refuses, is not told that it was done', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      let turns = 0;
      world = new World(() => scheduler.schedule(Promise.resolve(), `turn ${++turns}`), [MEMBER]);
      // What no search domain has heard of: who names the version of a copy is refused by the row.
      const unseen = { ...MEMBER, version: versionOf(1, 8), profile: { ...MEMBER.profile, city: 'unseen' } };
      world.rows.set(memberId, { document: unseen, forks: [] });
      await scheduler.waitFor(world.leave(0));
      const answer = execute(toCity('Nara'), MEMBER.version).catch((error: Error) => error);
      await scheduler.waitFor(Promise.all([answer, world.sweepOne(memberId), world.sweepOne(memberId)]));
      expect(isProblem(await answer)).toBe(true);
      expect(world.rows.get(memberId)?.document.profile.city).toBe('unseen');
    }),
    { numRuns: 200 },
  );
});
