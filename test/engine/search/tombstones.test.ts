import { ask, contents, openDomain, type TestDomain, TIMEOUT_MS } from './domains';
import { eventsOf, memberOf } from './members';

/** A domain that forgets at its next refresh what was deleted from it; by default that takes a minute. */
async function openForgetful(): Promise<TestDomain> {
  const opened = await openDomain();
  const settings = { index: { gc_deletes: '0s', refresh_interval: '-1' } };
  const { status } = await ask('PUT', `/${opened.members},${opened.lookups}/_settings`, settings);
  expect(status).toBe(200);
  return opened;
}

let opened: TestDomain;
beforeAll(async () => {
  opened = await openForgetful();
});
afterAll(() => opened.remove());

const forget = async () => {
  for (let refresh = 0; refresh < 2; refresh++) await opened.domain.refresh();
};

async function write(...events: Parameters<TestDomain['domain']['write']>[0]) {
  expect(await opened.domain.write(events)).toEqual(events.map(() => ({ ok: true })));
}

test('a deleted document really is forgotten here, and revived by an old version', async () => {
  const path = (version: number) => `/${opened.members}/_doc/forgotten?version=${version}&version_type=external`;
  const document = { memberId: 'forgotten', status: 'active' };
  await ask('PUT', path(1), document);
  await ask('DELETE', path(3));
  expect((await ask('PUT', path(2), document)).status).toBe(409);
  await forget();
  expect((await ask('PUT', path(2), document)).status).toBe(201);
  await ask('DELETE', path(4));
});

test('race 7: a member who was closed is not revived by an old event, however late it comes', async () => {
  const memberId = '7';
  const [registered, changed, closed] = eventsOf([
    memberOf({ memberId, version: 1, accounts: [['app', 'late']] }),
    memberOf({ memberId, version: 2, profile: { phone: '+4970' }, accounts: [['app', 'late']] }),
    memberOf({ memberId, version: 3, status: 'closed' }),
  ]);
  if (!registered || !changed || !closed) throw new Error('three documents make three events');
  await write(registered, closed);
  await forget();
  await write(changed, registered);
  expect(await opened.domain.getMember(memberId, TIMEOUT_MS)).toMatchObject({ version: 3, status: 'closed' });
  await opened.domain.refresh();
  expect((await contents(opened.members)).find(({ id }) => id === memberId)).toMatchObject({ version: 3 });
});

test('race 47: a key that was removed is not revived by an old event, however late it comes', async () => {
  const memberId = '47';
  const [before, removed] = eventsOf([
    memberOf({ memberId, version: 1, profile: { phone: '+4947' }, accounts: [['app', 'gone']] }),
    memberOf({ memberId, version: 2 }),
  ]);
  if (!before || !removed) throw new Error('two documents make two events');
  await write(before, removed);
  await forget();
  await write(before);
  await opened.domain.refresh();
  for (const [kind, value] of [
    ['phone', '+4947'],
    ['account:app', 'gone'],
  ] as const) {
    expect(await opened.domain.lookup({ kind, value }, TIMEOUT_MS)).toEqual([]);
  }
});

test('race 1: a member is read by id as it was written last, though no search shows it yet', async () => {
  const memberId = '1';
  const [first, second] = eventsOf([
    memberOf({ memberId, version: 1, profile: { city: 'before' } }),
    memberOf({ memberId, version: 2, profile: { city: 'after' } }),
  ]);
  if (!first || !second) throw new Error('two documents make two events');
  await write(first);
  await opened.domain.refresh();
  await write(second);
  const search = { filter: { city: ['before', 'after'] }, sort: 'name', limit: 10 } as const;
  const { documents } = await opened.domain.search(search, TIMEOUT_MS);
  expect(documents.map(({ version }) => version)).toEqual([1]);
  expect(await opened.domain.getMember(memberId, TIMEOUT_MS)).toMatchObject({ version: 2, profile: { city: 'after' } });
});
