import { type MemberDocument, Problem } from '../../../lambdas/core';
import { type Command, MemberWriter, type Parts, type ProfilePatch } from '../../../lambdas/members';
import { Registrar } from '../../../lambdas/members/register';
import { rangeOf } from '../../../lambdas/shards';
import { register, unique } from '../support/client';
import {
  type Around,
  afterwards,
  around,
  bind,
  claimKey,
  codeOf,
  expectOnlyOwner,
  openWithoutTopics,
  ownersOf,
  Pause,
  patiently,
  perform,
  performSurely,
  unbind,
  warmUp,
} from './members-steps';

const parts = openWithoutTopics();
beforeAll(async () => warmUp(parts, [(await register()).memberId]));
afterAll(() => parts.close());

let memberId: string;
let account: string;
beforeEach(async () => {
  memberId = (await register()).memberId;
  account = unique('written');
});

const patch = (change: ProfilePatch): Command => ({ kind: 'patch', patch: change });

async function documentOf(id = memberId): Promise<MemberDocument> {
  const { writer } = await parts.switches.unitNow(rangeOf(id).unit);
  const { row } = await parts.shards.members.read(id, writer, 3000);
  if (row === undefined) throw new Error('the member has no row');
  return row.document;
}

const once = (outcome: unknown): Around => {
  let isSpent = false;
  return (run) => {
    if (isSpent) return run();
    isSpent = true;
    return Promise.resolve(outcome);
  };
};

test('of two changes that were made to one version none is lost', async () => {
  const sleep = new Pause();
  const late = perform(around(parts, { write: sleep.around }), memberId, patch({ city: 'Lisbon' }));
  await sleep.reached;
  expect(await performSurely(parts, memberId, patch({ tier: 'gold' }))).toBe('done');
  expect(await performSurely(parts, memberId, bind(account))).toBe('done');
  sleep.goOn();
  expect(await late).toBe('done');
  const { profile } = await documentOf();
  expect(profile).toMatchObject({ city: 'Lisbon', tier: 'gold' });
  await expectOnlyOwner(parts, account, [memberId], memberId);
});

test('a change on condition of a version is refused if another one comes before it', async () => {
  const { version } = await documentOf();
  const options = { ...patiently(), ifMatch: version };
  const sleep = new Pause();
  const writer = new MemberWriter(around(parts, { write: sleep.around }));
  const late = codeOf(writer.execute(memberId, patch({ city: 'Lisbon' }), options));
  await sleep.reached;
  expect(await performSurely(parts, memberId, patch({ city: 'Porto' }))).toBe('done');
  sleep.goOn();
  expect(await late).toBe('VERSION_MISMATCH');
  expect((await documentOf()).profile.city).toBe('Porto');
});

test('a change on condition of a version is refused even if there is nothing to change', async () => {
  const options = { ...patiently(), ifMatch: 1 };
  expect(await codeOf(new MemberWriter(parts).execute(memberId, unbind(account), options))).toBe('VERSION_MISMATCH');
});

test('"nothing to change" is not said by a reading that has passed', async () => {
  const slept = new Pause();
  const late = perform(around(parts, { read: afterwards(slept) }), memberId, unbind(account));
  await slept.reached;
  expect(await performSurely(parts, memberId, bind(account))).toBe('done');
  slept.goOn();
  expect(await late).toBe('done');
  expect(await ownersOf(parts, account, [memberId])).toEqual([]);
});

test('a member that is closed while an account is bound to it holds nothing', async () => {
  const sleep = new Pause();
  const late = perform(around(parts, { write: sleep.around }), memberId, bind(account));
  await sleep.reached;
  expect(await performSurely(parts, memberId, { kind: 'close' })).toBe('done');
  sleep.goOn();
  expect(await late).toBe('MEMBER_CLOSED');
  expect((await documentOf()).accounts).toEqual([]);
  expect((await parts.arbiter.claims.read(claimKey(account), { consistent: true }))?.state).toBe('free');
});

describe('a registration', () => {
  const registerBy = (by: Parts) => {
    const registration = { profile: { name: 'Drawn' }, accounts: [{ platform: 'app', account }] };
    const key = { callerId: 'shop', key: unique('key'), requestHash: 'hash' };
    return new Registrar(by, new MemberWriter(by)).register(registration, key, patiently());
  };

  test('race 29: draws another id if the one it drew is taken', async () => {
    const { document } = await registerBy(around(parts, { write: once({ kind: 'id-taken' }) }));
    await expectOnlyOwner(parts, account, [document.memberId], document.memberId);
  });

  test.each([
    ['cannot be reached', { kind: 'unreachable', cause: new Error('refused') }],
    ['has no lease', { kind: 'lease-over' }],
  ])('goes to the other unit if the writer of its own %s', async (_, outcome) => {
    const { document } = await registerBy(around(parts, { write: once(outcome) }));
    expect(rangeOf(document.memberId).unit).toBe('b1');
    await expectOnlyOwner(parts, account, [document.memberId], document.memberId);
  });

  test('is not sent again, to whatever unit, if its outcome is open', async () => {
    const open: Around = async () => ({ kind: 'open', cause: new Error('no answer') });
    let writes = 0;
    const counted: Around = (run) => {
      writes += 1;
      return open(run);
    };
    await expect(registerBy(around(parts, { write: counted, abort: open }))).rejects.toBeInstanceOf(Problem);
    expect(writes).toBe(1);
  });
});
