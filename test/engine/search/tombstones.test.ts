import { until } from '../cache/until';
import { ask, engineUrl, openDomain, type TestDomain, TIMEOUT_MS } from './domains';
import { eventsOf, memberOf } from './members';

/** A domain that forgets at a refresh what was deleted from it; by default that takes a minute. */
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

/** Enough for every shard to have some. */
const CANARIES = 24;
let rounds = 0;

/** The documents of an index whose deletion is forgotten once that of everything deleted before is. */
function canaries(index: string): { _index: string; _id: string }[] {
  rounds += 1;
  return Array.from({ length: CANARIES }, (_, number) => ({ _index: index, _id: `canary-${rounds}-${number}` }));
}

/** Puts or deletes documents under a version. @returns those for which that was done */
async function change<T extends object>(
  how: 'index' | 'delete',
  documents: readonly T[],
  version: number,
): Promise<T[]> {
  const lines = documents.flatMap((document) => [
    JSON.stringify({ [how]: { ...document, version, version_type: 'external' } }),
    ...(how === 'index' ? ['{"memberId":"canary"}'] : []),
  ]);
  const response = await fetch(`${engineUrl()}/_bulk`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${lines.join('\n')}\n`,
  });
  const { items } = (await response.json()) as { items: Record<string, { status: number }>[] };
  return documents.filter((_, position) => (items[position]?.[how]?.status ?? 500) < 300);
}

/** Lets the engine forget all that has been deleted: then an old version of it is taken for a new document. */
async function forget(): Promise<void> {
  const deleted = [opened.members, opened.lookups].flatMap(canaries);
  expect(await change('index', deleted, 1)).toEqual(deleted);
  expect(await change('delete', deleted, 3)).toHaveLength(deleted.length);
  let remembered = deleted;
  await until(async () => {
    await opened.domain.refresh();
    const forgotten = await change('index', remembered, 2);
    remembered = remembered.filter((one) => !forgotten.includes(one));
    return remembered.length === 0;
  });
}

async function write(...events: Parameters<TestDomain['domain']['write']>[0]) {
  expect(await opened.domain.write(events)).toEqual(events.map(() => ({ ok: true })));
}

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
