import { Problem, systemClock } from '../../../lambdas/core';
import { AccountFinder, MemberReader } from '../../../lambdas/members';
import { Deadline } from '../../../lambdas/resilience';

const ACCOUNT = { platform: 'app', account: 'ada' };
const BODY = JSON.stringify({ memberId: '7', accounts: [{ platform: 'app', account: 'ada', boundAt: 'x' }] });

/** A cache that holds these values, in front of an origin that must not be asked. */
function readersOf(entries: Readonly<Record<string, { version: number; flag: string; body: string }>>) {
  const origin = jest.fn(async () => {
    throw new Error('the origin was asked');
  });
  const cache = {
    peekMany: async (keys: readonly string[]) =>
      keys.map((key) => Object.entries(entries).find(([part]) => key.startsWith(part))?.[1]),
    read: origin,
  };
  const reader = new MemberReader({ cache, copies: { find: origin }, switches: {} } as never);
  const arbiter = { claims: { read: origin } };
  const accounts = new AccountFinder({ cache, reader, arbiter, domains: { first: origin } } as never);
  const options = { deadline: Deadline.after(1000, systemClock), cacheOnly: () => new Problem('SHED') };
  return { reader, accounts, options, origin };
}

const member = { version: 5, flag: 'v', body: BODY };
const bound = { version: 2, flag: 'v', body: '7' };
const unbound = { version: 3, flag: 'n', body: '' };
const shed = { code: 'SHED' };

test('what the cache has is answered, and says that nothing else was asked', async () => {
  const { reader, accounts, options, origin } = readersOf({ '{m:7': member, '{k:': bound });
  const copy = { version: 5, degraded: 'cache-only', source: { kind: 'cache' } };
  await expect(reader.readActive('7', options)).resolves.toMatchObject(copy);
  await expect(reader.readMany(['7'], options)).resolves.toMatchObject([copy]);
  await expect(accounts.find(ACCOUNT, options)).resolves.toMatchObject(copy);
  expect(origin).not.toHaveBeenCalled();
});

test('what the cache has not, or not new enough, is refused, and no hit reaches the origin', async () => {
  const { reader, accounts, options, origin } = readersOf({ '{m:7': member });
  await expect(reader.readActive('8', options)).rejects.toMatchObject(shed);
  await expect(reader.readActive('7', { ...options, minVersion: 6 })).rejects.toMatchObject(shed);
  await expect(reader.readMany(['7', '8'], options)).resolves.toMatchObject([{ version: 5 }, shed]);
  await expect(accounts.find(ACCOUNT, options)).rejects.toMatchObject(shed);
  expect(origin).not.toHaveBeenCalled();
});

test('a cached "not bound" is believed, but not by who may have bound it a moment ago', async () => {
  const { accounts, options } = readersOf({ '{k:': unbound });
  await expect(accounts.find(ACCOUNT, options)).rejects.toMatchObject({ code: 'NOT_BOUND' });
  await expect(accounts.find(ACCOUNT, { ...options, minVersion: 5 })).rejects.toMatchObject(shed);
});

test('a member that is cached without the account proves nothing', async () => {
  const elsewhere = { ...member, body: '{"memberId":"7","accounts":[]}' };
  const { accounts, options } = readersOf({ '{m:7': elsewhere, '{k:': bound });
  await expect(accounts.find(ACCOUNT, options)).rejects.toMatchObject(shed);
});
