import fc from 'fast-check';
import type { Claims as ArbiterClaims } from '../../lambdas/arbiter';
import { type Clock, isProblem, systemClock } from '../../lambdas/core';
import { MemberWriter, type Parts } from '../../lambdas/members';
import { claimsOf } from '../../lambdas/members/changes';
import { CLAIM_LEASE_MS } from '../../lambdas/members/taking';
import { Deadline } from '../../lambdas/resilience';
import type { MemberRows } from '../../lambdas/shards';
import { rangeOf } from '../../lambdas/shards';
import { register, unique } from './support/client';
import { openParts } from './support/parts';

const here = openParts('A');
/** Sees every lease as over: meets whoever is slow as somebody who was given up on. */
const impatient = openParts('B', later(CLAIM_LEASE_MS + 1000));
/** Comes when every lease of the others is over. */
const last = openParts('A', later(4 * CLAIM_LEASE_MS));
afterAll(() => Promise.all([here.close(), impatient.close(), last.close()]));

function later(ms: number): Clock {
  return { ...systemClock, nowMs: () => systemClock.nowMs() + ms };
}

/** Where a process dies: before or after the step was carried out. */
type Crash = 'never' | 'before take' | 'after take' | 'before write' | 'after write';

interface Act {
  readonly kind: 'bind' | 'unbind';
  readonly member: number;
  readonly isImpatient: boolean;
  readonly crash: Crash;
}

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('bind', 'bind', 'unbind'),
  member: fc.integer({ min: 0, max: 2 }),
  isImpatient: fc.boolean(),
  crash: fc.constantFrom('never', 'never', 'never', 'before take', 'after take', 'before write', 'after write'),
});

const dead = new Promise<never>(() => undefined);

/** The rooms of one actor: each step on an engine waits for its turn, and its process may die at one of them. */
function actorParts(parts: Parts, scheduler: fc.Scheduler, crash: Crash, onDeath: () => void): Parts {
  const step = <A extends unknown[], R>(name: string, run: (...parameters: A) => Promise<R>) => {
    const inTurn = scheduler.scheduleFunction(async (...parameters: A) => ({ value: await run(...parameters) }));
    return async (...parameters: A): Promise<R> => {
      if (crash === `before ${name}`) {
        onDeath();
        return dead;
      }
      const { value } = await inTurn(...parameters);
      if (crash === `after ${name}`) {
        onDeath();
        return dead;
      }
      return value;
    };
  };
  const { claims } = parts.arbiter;
  const rows = parts.shards.members;
  const steppedClaims: ArbiterClaims = Object.assign(Object.create(claims), {
    take: step('take', claims.take.bind(claims)),
    takeOver: step('take over', claims.takeOver.bind(claims)),
    free: step('free', claims.free.bind(claims)),
  });
  const steppedRows: MemberRows = Object.assign(Object.create(rows), {
    read: step('read', rows.read.bind(rows)),
    readFenced: step('read fenced', rows.readFenced.bind(rows)),
    write: step('write', rows.write.bind(rows)),
    abort: step('abort', rows.abort.bind(rows)),
  });
  return {
    ...parts,
    arbiter: { ...parts.arbiter, claims: steppedClaims },
    shards: { ...parts.shards, members: steppedRows },
  };
}

async function perform(parts: Parts, { kind }: Act, memberId: string, account: string): Promise<string> {
  const deadline = Deadline.after(6000, systemClock);
  const command = { kind, platform: 'app', account };
  try {
    await new MemberWriter(parts).execute(memberId, command, { acknowledge: 'one', deadline });
    return 'done';
  } catch (error) {
    if (isProblem(error)) return error.code;
    throw error;
  }
}

async function ownersOf(
  account: string,
  memberIds: readonly string[],
): Promise<{ memberId: string; generation: number }[]> {
  const owners = [];
  for (const memberId of memberIds) {
    const { writer } = await here.switches.unitNow(rangeOf(memberId).unit);
    const { row } = await here.shards.members.read(memberId, writer, 3000);
    const claim = row && claimsOf(row.document).find(({ key }) => key === `account:app:${account}`);
    if (claim !== undefined) owners.push({ memberId, generation: claim.generation });
  }
  return owners;
}

test('races 11, 12, 14: whoever dies or is given up on, an account has one owner, and its claim names that owner', async () => {
  const members = [await register(), await register([], { region: 'B' }), await register()];
  const memberIds = members.map(({ memberId }) => memberId);
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(act, { minLength: 2, maxLength: 5 }), async (scheduler, acts) => {
      const account = unique('interleaved');
      const running = acts.map((one) => {
        const death = new Promise<string>((resolve) => {
          const parts = actorParts(one.isImpatient ? impatient : here, scheduler, one.crash, () => resolve('died'));
          void perform(parts, one, memberIds[one.member] as string, account).then(resolve, resolve);
        });
        return death;
      });
      const outcomes = await scheduler.waitFor(Promise.all(running));
      for (const outcome of outcomes) {
        expect(['done', 'died', 'ACCOUNT_BOUND', 'IDEMPOTENCY_IN_PROGRESS', 'UNAVAILABLE']).toContain(outcome);
      }
      const owners = await ownersOf(account, memberIds);
      expect(owners.length).toBeLessThanOrEqual(1);
      const claim = await here.arbiter.claims.read(`account:app:${account}`, { consistent: true });
      for (const owner of owners) expect(claim).toMatchObject(owner);

      // Whatever was left behind, the next one who is patient enough gets the account, and is its only owner.
      const next = await perform(
        last,
        { kind: 'bind', member: 0, isImpatient: true, crash: 'never' },
        memberIds[0] as string,
        account,
      );
      const [owner, ...others] = await ownersOf(account, memberIds);
      expect(others).toEqual([]);
      expect(next).toBe(owner?.memberId === memberIds[0] ? 'done' : 'ACCOUNT_BOUND');
    }),
    { numRuns: 20, interruptAfterTimeLimit: 60_000, endOnFailure: true },
  );
}, 180_000);
