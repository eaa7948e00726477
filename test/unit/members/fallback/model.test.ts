import fc from 'fast-check';
import { isProblem, type MemberDocument, versionOf } from '../../../../lambdas/core';
import type { Command, Written } from '../../../../lambdas/members';
import { Deadline } from '../../../../lambdas/resilience';
import { encodeMemberId } from '../../../../lambdas/shards';
import { FALLBACK_EPOCH, follows, UNIT, World } from './world';

const FALLBACK = { epoch: FALLBACK_EPOCH, writer: 'A', mode: 'fallback' } as const;
const AT = '2026-01-01T00:00:00.000Z';
const MEMBERS = [1, 2].map((random): MemberDocument => {
  const memberId = encodeMemberId({ placement: 1, drawnAtMs: Date.UTC(2026, 0), region: 'A', layout: 0, random });
  const profile = { name: 'Ada', city: 'start' };
  return {
    memberId,
    version: versionOf(1, 7),
    status: 'active',
    profile,
    accounts: [],
    registeredAt: AT,
    updatedAt: AT,
  };
});

/** The caller's process has learned of the fallback, and sleeps for so many turns before it goes by that. */
const anyWrite = fc.record({
  member: fc.nat({ max: 1 }),
  kind: fc.constantFrom('patch' as const, 'bind' as const),
  sleeps: fc.oneof(fc.constant(0), fc.nat({ max: 150 })),
});

const anyWrites = fc.array(anyWrite, { minLength: 2, maxLength: 5 });

interface Asked {
  readonly memberId: string;
  readonly command: Command;
  readonly beganAt: number;
  endedAt: number;
  written: Written | undefined;
}

type Write = { readonly member: number; readonly kind: 'patch' | 'bind'; readonly sleeps: number };

async function runModel(scheduler: fc.Scheduler, writes: readonly Write[], leavesAfter: number) {
  let turns = 0;
  const world = new World(() => scheduler.schedule(Promise.resolve(), `turn ${++turns}`), MEMBERS);
  const asked: Asked[] = [];
  const ask = async ({ member, kind, sleeps }: Write, index: number) => {
    for (let slept = 0; slept <= sleeps; slept += 1) await scheduler.schedule(Promise.resolve(), `caller ${index}`);
    const memberId = MEMBERS[member]?.memberId ?? '';
    const command: Command =
      kind === 'patch'
        ? { kind, patch: { city: `city ${index}` } }
        : { kind, platform: 'app', account: `account ${index}` };
    const one: Asked = { memberId, command, beganAt: ++turns, endedAt: Number.POSITIVE_INFINITY, written: undefined };
    asked.push(one);
    const clock = { nowMs: () => 0, monotonicMs: () => 0 };
    const options = { acknowledge: 'one', deadline: Deadline.after(1000, clock) } as const;
    try {
      one.written = await world.writer(FALLBACK).execute(memberId, command, options);
      one.endedAt = ++turns;
    } catch (error) {
      // Open: it may have been put.
      if (!isProblem(error, 'UNAVAILABLE')) throw error;
    }
  };
  const leaving = world.leave(leavesAfter).then(() => Promise.all([world.sweep(), world.sweep()]));
  await scheduler.waitFor(Promise.all([...writes.map(ask), leaving]));
  const rows = new Map(world.rows);
  await scheduler.waitFor(world.sweep());
  return { world, asked, rows, left: await scheduler.waitFor(world.journaled()) };
}

test('races 26, 28: what is acknowledged in a fallback is in the rows once, however it is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), anyWrites, fc.nat({ max: 40 }), async (scheduler, writes, leavesAfter) => {
      const { world, asked, rows, left } = await runModel(scheduler, writes, leavesAfter);
      expect(left).toBe(0);
      expect(world.listed).toEqual([]);
      expect(world.decision).toMatchObject({ unit: UNIT, mode: 'database', epoch: FALLBACK_EPOCH + 1 });
      const acknowledged = asked.filter(({ written }) => written !== undefined);
      const versions = acknowledged.map(({ memberId, written }) => `${memberId}#${written?.document.version}`);
      const inFallback = acknowledged.filter(({ written }) => (written?.document.version ?? 0) < versionOf(3, 0));
      expect(new Set(versions.slice(0, inFallback.length)).size).toBe(inFallback.length);
      for (const { memberId, command, written, endedAt } of acknowledged) {
        // What was acknowledged waits for no sweep.
        expect(follows(rows.get(memberId), written?.document as MemberDocument)).toBe(true);
        const row = world.rows.get(memberId);
        if (command.kind === 'bind') {
          const bound = row?.document.accounts.filter(({ account }) => account === command.account);
          expect(bound).toHaveLength(1);
        }
        if (command.kind !== 'patch') continue;
        // What stands was written by a command that did not end before this one began.
        const standing = asked.find(
          (other) =>
            other.memberId === memberId &&
            other.command.kind === 'patch' &&
            other.command.patch.city === row?.document.profile.city,
        );
        expect(standing).toBeDefined();
        const isOver = (standing?.endedAt ?? 0) < (asked.find((one) => one.endedAt === endedAt)?.beganAt ?? 0);
        expect(isOver).toBe(false);
      }
      // No command was replayed twice: each city came once.
      for (const { memberId } of MEMBERS) {
        const cities = world.versions.filter((one) => one.memberId === memberId).map(({ profile }) => profile.city);
        const changes = cities.filter((city, index) => city !== cities[index - 1]);
        expect(new Set(changes).size).toBe(changes.length);
      }
    }),
    { numRuns: 60 },
  );
});

test('race 27: of members who want one account in a fallback one gets it, and has it afterwards', async () => {
  const wanted = { kind: 'bind', platform: 'app', account: 'wanted' } as const;
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.nat({ max: 1 }), { minLength: 2, maxLength: 4 }),
      async (scheduler, binders) => {
        let turns = 0;
        const world = new World(() => scheduler.schedule(Promise.resolve(), `turn ${++turns}`), MEMBERS);
        const bind = async (member: number) => {
          const memberId = MEMBERS[member]?.memberId ?? '';
          const deadline = Deadline.after(1000, { nowMs: () => 0, monotonicMs: () => 0 });
          try {
            await world.writer(FALLBACK).execute(memberId, wanted, { acknowledge: 'one', deadline });
            return [memberId];
          } catch (error) {
            // Nobody judges the claims of a unit in fallback: it may be told again.
            if (!isProblem(error, 'UNAVAILABLE') && !isProblem(error, 'IDEMPOTENCY_IN_PROGRESS')) throw error;
            return [];
          }
        };
        const told = (await scheduler.waitFor(Promise.all(binders.map(bind)))).flat();
        expect(new Set(told).size).toBe(1);
        await scheduler.waitFor(world.leave(0));
        const holders = [...world.rows.values()].filter(({ document }) => document.accounts.length > 0);
        expect(holders.map(({ document }) => document.memberId)).toEqual([told[0]]);
        expect(world.listed).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});
