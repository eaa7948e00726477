import { lookupKeysOf } from '../../../lambdas/core';
import { ask, contents, openDomain, type TestDomain, TIMEOUT_MS } from './domains';
import { eventOf, eventsOf, memberOf } from './members';

describe.each(['whole', 'masked'] as const)('in a domain that holds documents %s', (holds) => {
  let opened: TestDomain;
  beforeAll(async () => {
    opened = await openDomain({ holds });
  });
  afterAll(() => opened.remove());

  const lookup = async (kind: string, value: string) => {
    await opened.domain.refresh();
    return opened.domain.lookup({ kind, value }, TIMEOUT_MS);
  };

  test('a member is found by every key of its document', async () => {
    const profile = { phone: '+491511234567', email: 'Ada@Example.org', unionId: 'union-1', idCard: 'CARD-1' };
    const member = memberOf({
      memberId: '1',
      profile,
      accounts: [
        ['app', 'ada'],
        ['card', '4711'],
      ],
    });
    await opened.domain.write([eventOf(member)]);
    const keys = lookupKeysOf(member);
    expect(keys).toHaveLength(6);
    for (const { kind, value } of keys) expect([kind, await lookup(kind, value)]).toEqual([kind, ['1']]);
    expect(await lookup('account:web', 'ada')).toEqual([]);
    expect(await lookup('phone', '+49151123456')).toEqual([]);
  });

  test.each([
    ['commas', 'a,b,c'],
    ['the separator of ids', 'a:b:1'],
    ['characters of paths and queries', '../_search?q=*&routing=x#%2F'],
    ['quotes', '"\\"{}'],
    ['more bytes than an id may have', '😀'.repeat(128)],
    ['the names of prototypes', '__proto__'],
  ])('an account with %s is found', async (name, account) => {
    const memberId = String(1000 + name.length);
    await opened.domain.write([eventOf(memberOf({ memberId, accounts: [['wechat', account]] }))]);
    expect(await lookup('account:wechat', account)).toEqual([memberId]);
  });

  test('members that share a key stand newest first', async () => {
    const sharing = (memberId: string, version: number) =>
      eventOf(memberOf({ memberId, version, profile: { phone: '+4930' } }));
    await opened.domain.write([sharing('20', 5), sharing('21', 2 ** 33), sharing('22', 7), sharing('9', 7)]);
    expect(await lookup('phone', '+4930')).toEqual(['21', '22', '9', '20']);
  });

  test('race 47: a removed key finds nobody, until it is there again', async () => {
    const base = { memberId: '30', profile: { phone: '+4931' } };
    const [first, second, third] = eventsOf([
      memberOf({ ...base, version: 1 }),
      memberOf({ memberId: '30', version: 2 }),
      memberOf({ ...base, version: 3 }),
    ]);
    if (!first || !second || !third) throw new Error('three documents make three events');
    await opened.domain.write([second, first]);
    expect(await lookup('phone', '+4931')).toEqual([]);
    await opened.domain.write([third, second]);
    expect(await lookup('phone', '+4931')).toEqual(['30']);
  });

  test('a closed member is found by no key', async () => {
    const events = eventsOf([
      memberOf({ memberId: '40', version: 1, profile: { phone: '+4932' }, accounts: [['app', 'closing']] }),
      memberOf({ memberId: '40', version: 2, status: 'closed', profile: { phone: '+4932' } }),
    ]);
    await opened.domain.write(events);
    expect(await lookup('phone', '+4932')).toEqual([]);
    expect(await lookup('account:app', 'closing')).toEqual([]);
  });

  test('a look-up asks exactly one shard, of several that hold look-ups', async () => {
    const phones = Array.from({ length: 40 }, (_, index) => `+4940${index}`);
    const members = phones.map((phone, index) => memberOf({ memberId: String(5000 + index), profile: { phone } }));
    await opened.domain.write(members.map((member) => eventOf(member)));
    await opened.domain.refresh();

    const used = new Set<string>();
    for (const phone of phones) {
      const before = await queriesByShard(opened.lookups);
      expect(await opened.domain.lookup({ kind: 'phone', value: phone }, TIMEOUT_MS)).toHaveLength(1);
      const after = await queriesByShard(opened.lookups);
      const asked = Object.keys(after).filter((shard) => after[shard] !== before[shard]);
      expect(asked).toHaveLength(1);
      used.add(asked.join());
    }
    expect(used.size).toBe(4);
  });

  test('the look-ups of a member are found by the member', async () => {
    await opened.domain.write([
      eventOf(memberOf({ memberId: '60', profile: { phone: '+4960' }, accounts: [['app', 'x60']] })),
    ]);
    await opened.domain.refresh();
    const { body } = await ask('POST', `/${opened.lookups}/_search`, { query: { term: { memberId: '60' } } });
    expect(body.hits.total.value).toBe(2);
  });
});

async function queriesByShard(index: string): Promise<Record<string, number>> {
  const { body } = await ask('GET', `/${index}/_stats/search?level=shards`);
  const shards = body.indices[index].shards as Record<string, { search: { query_total: number } }[]>;
  return Object.fromEntries(Object.entries(shards).map(([shard, [copy]]) => [shard, copy?.search.query_total ?? 0]));
}

test('a masked domain finds nobody without the key that its look-ups were hashed with', async () => {
  const opened = await openDomain({ holds: 'masked' });
  await opened.domain.write([eventOf(memberOf({ profile: { phone: '+491511234567' } }))]);
  await opened.domain.refresh();
  const other = opened.again({ contactKey: 'another key of sixteen' });
  expect(await other.lookup({ kind: 'phone', value: '+491511234567' }, TIMEOUT_MS)).toEqual([]);
  expect(await contents(opened.lookups)).toHaveLength(1);
  await opened.remove();
});
