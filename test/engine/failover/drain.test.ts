import { randomUUID } from 'node:crypto';
import type { JournaledCommand, UnitDecision } from '../../../lambdas/arbiter';
import { isoTime, type MemberDocument, type MemberRow, nextVersion, versionOf } from '../../../lambdas/core';
import { createDrain, sweepCommands } from '../../../lambdas/failover';
import { Claims, type Command, replayCommands } from '../../../lambdas/members';
import type { Snapshot } from '../../../lambdas/switches';
import { EPOCH } from '../shards/database';
import { anAccount, inCity, Promoted } from './promoted';

// Nothing here is quick on a busy machine.
/** Rows are of epoch `EPOCH`; then came a fallback, and then the epoch under which it is left. */
const FALLBACK = EPOCH + 1;
const HOME = EPOCH + 2;

let promoted: Promoted;
beforeAll(async () => {
  promoted = await Promoted.start();
});
beforeEach(() => promoted.unit.reset());
afterAll(() => promoted?.stop());

const decision: UnitDecision = { unit: 'a1', epoch: HOME, writer: 'A', mode: 'read-only', renewals: 0, grantedMs: 0 };
const UNIT = { epoch: HOME, writer: 'A', mode: 'database' } as const;
const drain = () => createDrain(promoted.parts as never)('a1', decision);
const sweepAll = async () => {
  const snapshot = { units: { a1: UNIT } } as unknown as Snapshot;
  for (let slice = 0; slice < 16; slice += 1) {
    const clock = { ...promoted.parts.clock, nowMs: () => slice * 10_000 };
    await sweepCommands({ ...promoted.parts, clock } as never, 'A', snapshot);
  }
};
const patch = (change: object): Command => ({ kind: 'patch', patch: change });

/** Puts a command as a request does, after what the journal has of the member. */
async function put(base: MemberDocument, command: Command, more: Partial<JournaledCommand> = {}) {
  const { commands } = promoted.arbiter;
  const last = await commands.last('a1', base.memberId);
  const version = nextVersion(last?.version ?? 0, FALLBACK);
  const document = { ...(last?.document ?? base), version };
  const entry: JournaledCommand = {
    memberId: base.memberId,
    version,
    operationId: randomUUID(),
    command,
    document,
    ...(last === undefined ? { base } : {}),
    isConditional: false,
    claims: [],
    atMs: Date.now(),
    ...more,
  };
  expect(await commands.put('a1', entry)).toBe(true);
  return entry;
}

const rowOf = async (memberId: string): Promise<MemberRow> => {
  const row = await promoted.row(memberId);
  if (row === undefined) throw new Error('the member has no row');
  return row;
};

test('race 26: what was journaled is applied to the row as it is, leaves the journal, and is owed to all copies', async () => {
  const first = await promoted.registered();
  const { memberId } = first.document;
  // A write that no search domain had heard of when the fallback began.
  const behind = first.document;
  await promoted.write(first, { version: behind.version + 1, profile: { ...behind.profile, tier: 'gold' } });
  await put(behind, patch({ city: 'Nara' }));
  await put(behind, patch({ locale: 'ja' }));
  await promoted.unit.failOver('a1', HOME);
  expect(await drain()).toEqual({ members: 1, commands: 2, refused: 0 });
  const { document } = await rowOf(memberId);
  expect(document).toMatchObject({
    version: versionOf(HOME, 1),
    profile: { city: 'Nara', locale: 'ja', tier: 'gold' },
  });
  expect((await promoted.owed(memberId)).at(-1)?.version).toBe(versionOf(HOME, 1));
  expect(await promoted.arbiter.commands.ofMember('a1', memberId)).toEqual([]);
});

test('race 26: a replay that is made once more, after others have written, changes nothing', async () => {
  const { document } = await promoted.registered();
  const entries = [await put(document, patch({ city: 'Nara' })), await put(document, patch({ locale: 'ja' }))];
  await promoted.unit.failOver('a1', HOME);
  const settleBase = async () => undefined;
  const replay = (commands: readonly JournaledCommand[]) =>
    replayCommands({ ...promoted.parts, settleBase } as never, commands, { unit: UNIT, needsLease: true });
  await Promise.all([1, 2, 3].map(() => replay(entries)));
  const row = await rowOf(document.memberId);
  expect(row.document.version).toBe(versionOf(HOME, 1));
  await promoted.write(row, { ...inCity(row.document, 'Kōbe'), version: row.document.version + 1 });
  await replay(entries);
  await replay(entries.slice(0, 1));
  expect((await rowOf(document.memberId)).document).toMatchObject({
    version: versionOf(HOME, 2),
    profile: { city: 'Kōbe', locale: 'ja' },
  });
});

test('race 26: what the row does not take is listed, and the row leads all copies all the same', async () => {
  const row = await promoted.registered();
  const { document } = row;
  await promoted.write(row, { version: document.version + 1, status: 'closed' });
  const { operationId } = await put(document, patch({ city: 'Nara' }));
  await promoted.unit.failOver('a1', HOME);
  expect(await drain()).toEqual({ members: 1, commands: 1, refused: 1 });
  expect(await promoted.listed(document.memberId)).toMatchObject([
    { epoch: FALLBACK, operationId, value: patch({ city: 'Nara' }), reason: expect.stringContaining('MEMBER_CLOSED') },
  ]);
  expect((await rowOf(document.memberId)).document).toMatchObject({ status: 'closed', version: versionOf(HOME, 1) });
});

test('what commands were applied to, and a failover has lost, comes back before them', async () => {
  const { document } = await promoted.registered();
  const lost = {
    ...document,
    ...inCity(document, 'lost'),
    version: document.version + 1,
    updatedAt: isoTime(Date.now()),
  };
  await put(lost, patch({ locale: 'ja' }));
  await promoted.unit.failOver('a1', HOME);
  await drain();
  const row = await rowOf(document.memberId);
  expect(row.document).toMatchObject({ version: versionOf(HOME, 2), profile: { city: 'lost', locale: 'ja' } });
});

describe('claims of a fallback', () => {
  const claimsIn = async (mode: UnitDecision['mode'], epoch: number) => {
    const { arbiter, unit } = promoted;
    const seen = (await arbiter.decisions.unit('a1')) as UnitDecision;
    await arbiter.decisions.replaceUnit(seen, { ...seen, mode, epoch });
    const switches = unit.switches();
    await switches.unitNow('a1');
    return new Claims({ arbiter, shards: unit.shards, switches, clock: promoted.parts.clock });
  };
  afterAll(() => claimsIn('database', EPOCH));

  /** As a bind leaves it whose claim was not confirmed in time. */
  async function bound() {
    const { document } = await promoted.registered();
    const account = anAccount();
    const key = `account:app:${account}`;
    const operationId = randomUUID();
    const taking = { memberId: document.memberId, unit: 'a1', operationId, leaseUntilMs: Date.now() - 1000 };
    const { claim } = await promoted.arbiter.claims.take(key, taking);
    const claims = [{ key, generation: claim.generation }];
    await put(document, { kind: 'bind', platform: 'app', account }, { operationId, claims });
    return { memberId: document.memberId, account, claim };
  }

  const standing = (key: string) => promoted.arbiter.claims.read(key, { consistent: true });

  test('race 53: a binding is not judged by its row before the drain, and is found in it afterwards', async () => {
    const { memberId, account, claim } = await bound();
    for (const mode of ['fallback', 'read-only'] as const) {
      await promoted.unit.failOver('a1', FALLBACK);
      const claims = await claimsIn(mode, FALLBACK);
      await expect(claims.finish(claim)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(await standing(claim.key)).toEqual(claim);
    }
    await promoted.unit.failOver('a1', HOME);
    await drain();
    const claims = await claimsIn('database', HOME);
    const met = await standing(claim.key);
    expect(met).toMatchObject({ generation: claim.generation, memberId });
    expect(await claims.finish(met as typeof claim)).toBe(true);
    expect(await standing(claim.key)).toMatchObject({ state: 'held', memberId, generation: claim.generation });
    const { accounts } = (await rowOf(memberId)).document;
    expect(accounts).toMatchObject([{ account, generation: claim.generation }]);
  });

  test('race 53: a binding that nobody was told of is decided by its claim: given up, it is listed and not made', async () => {
    const { memberId, claim } = await bound();
    await promoted.unit.failOver('a1', HOME);
    const claims = await claimsIn('database', HOME);
    expect(await claims.finish(claim)).toBe(true);
    await sweepAll();
    expect((await rowOf(memberId)).document).toMatchObject({ accounts: [], version: versionOf(HOME, 1) });
    expect(await promoted.listed(memberId)).toMatchObject([{ reason: expect.stringContaining('GIVEN_UP') }]);
  });
});
