import { ask, bareDomain, openDomain, type TestDomain } from './domains';
import { eventOf, memberOf } from './members';
import { json, standIn } from './stand-in';

let opened: TestDomain;
beforeAll(async () => {
  opened = await openDomain();
});
afterAll(() => opened.remove());

test('provisioning again, and by two at once, changes nothing', async () => {
  await opened.domain.write([eventOf(memberOf())]);
  await Promise.all([opened.domain.provision(), opened.again().provision()]);
  expect((await ask('GET', `/${opened.members}/_doc/${memberOf().memberId}`)).status).toBe(200);
});

test('the indices refresh every second, also when nobody searches, and look-ups have several shards', async () => {
  const { body } = await ask('GET', `/${opened.members},${opened.lookups}/_settings?flat_settings=true`);
  expect(body[opened.members].settings).toMatchObject({
    'index.refresh_interval': '1s',
    'index.number_of_replicas': '0',
  });
  expect(body[opened.lookups].settings).toMatchObject({
    'index.refresh_interval': '1s',
    'index.number_of_shards': '4',
  });
});

test('nothing is mapped as text, and only what is fixed is not a keyword', async () => {
  const { body } = await ask('GET', `/${opened.members},${opened.lookups}/_mapping`);
  const types = [opened.members, opened.lookups].flatMap((index) =>
    Object.values(body[index].mappings.properties as Record<string, { type: string }>).map(({ type }) => type),
  );
  expect(new Set(types)).toEqual(new Set(['keyword', 'long', 'date', 'boolean', 'object']));
});

test.each([
  ['a text field', { memberId: '9', bio: 'a long text about someone' }],
  ['any unknown field', { memberId: '9', points: 5 }],
])('the mapping refuses %s', async (_, source) => {
  for (const index of [opened.members, opened.lookups]) {
    const { status, body } = await ask('PUT', `/${index}/_doc/9`, source);
    expect([status, body.error.type]).toEqual([400, 'strict_dynamic_mapping_exception']);
  }
});

test('what is in the document itself is kept, not mapped', async () => {
  const profile = { city: 'Bern', nickname: { of: ['any', 'form'] } } as never;
  expect(await opened.domain.write([eventOf(memberOf({ memberId: '10', profile }))])).toEqual([{ ok: true }]);
  const { body } = await ask('GET', `/${opened.members}/_mapping`);
  expect(JSON.stringify(body)).not.toContain('nickname');
});

describe('an index with another mapping', () => {
  test('is named when the domain is provisioned, and takes no event', async () => {
    const changed = await openDomain();
    await ask('PUT', `/${changed.lookups}/_mapping`, { properties: { bio: { type: 'text' } } });
    await expect(changed.domain.provision()).rejects.toThrow(changed.lookups);
    await expect(changed.domain.provision()).rejects.not.toThrow(changed.members);
    await expect(changed.again().write([eventOf(memberOf())])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await changed.remove();
  });

  test('that the engine guessed is refused', async () => {
    const guessed = bareDomain();
    await ask('PUT', `/${guessed.members}`, { mappings: { properties: { name: { type: 'text' } } } });
    await expect(guessed.domain.provision()).rejects.toThrow(guessed.members);
    await guessed.remove();
  });
});

test('the engine has the threads and the bounded queue that provisioning asks for', async () => {
  const { body } = await ask('GET', '/_nodes/os,thread_pool');
  const [node] = Object.values(body.nodes) as [
    { os: { allocated_processors: number }; thread_pool: { search: { size: number; queue_size: number } } },
  ];
  expect(node.thread_pool.search.size).toBe(Math.floor((node.os.allocated_processors * 3) / 2) + 1);
  expect(node.thread_pool.search.queue_size).toBeGreaterThan(0);
});

test.each([
  ['a queue without a bound', { size: 4, queue_size: -1 }, 'not bounded'],
  ['other threads than its processors ask for', { size: 400, queue_size: 1000 }, '400 search threads, not 4'],
])('a domain with %s is refused', async (_, search, reason) => {
  const node = { name: 'n1', os: { allocated_processors: 2 }, thread_pool: { search } };
  const domain = await standIn((request, response) => {
    const isNodes = request.url?.startsWith('/_nodes') === true;
    json(response, 200, isNodes ? { nodes: { id: node } } : { acknowledged: true });
  });
  await expect(domain.domain.provision()).rejects.toThrow(reason);
  await domain.close();
});
