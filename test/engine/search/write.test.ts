import { isProblem, versionOf } from '../../../lambdas/core';
import { ask, bareDomain, contents, openDomain, type TestDomain, TIMEOUT_MS } from './domains';
import { eventOf, memberOf } from './members';

let opened: TestDomain;
beforeAll(async () => {
  opened = await openDomain();
});
afterAll(() => opened.remove());

test('a member is read by id at once, before any refresh, and as it was written', async () => {
  const member = memberOf({ memberId: '1', profile: { phone: '+491511234567' }, accounts: [['app', 'ada']] });
  expect(await opened.domain.write([eventOf(member)])).toEqual([{ ok: true }]);
  const read = await opened.domain.getMember('1', TIMEOUT_MS);
  expect(JSON.stringify(read)).toBe(JSON.stringify(member));
});

test('it is answered by its id without routing, with its version as the version of the document', async () => {
  await opened.domain.write([eventOf(memberOf({ memberId: '2', version: versionOf(3, 4) }))]);
  const { body } = await ask('GET', `/${opened.members}/_doc/2`);
  expect(body).toMatchObject({ found: true, _version: versionOf(3, 4), _source: { memberId: '2' } });
});

test('an unknown member is undefined', async () => {
  expect(await opened.domain.getMember('404', TIMEOUT_MS)).toBeUndefined();
});

test.each([
  ['lower', 4],
  ['equal', 5],
])('race 6: a %s version changes nothing and is success', async (_, version) => {
  const memberId = `3${version}`;
  const write = (city: string, at: number) =>
    opened.domain.write([eventOf(memberOf({ memberId, version: at, profile: { city } }))]);
  await write('first', 5);
  expect(await write('second', version)).toEqual([{ ok: true }]);
  expect((await opened.domain.getMember(memberId, TIMEOUT_MS))?.profile.city).toBe('first');
});

test('race 4: a version of a later epoch wins over any counter of an earlier one', async () => {
  const write = (city: string, version: number) =>
    opened.domain.write([eventOf(memberOf({ memberId: '4', version, profile: { city } }))]);
  await write('late', versionOf(2, 1));
  await write('early', versionOf(1, 1_000_000));
  expect((await opened.domain.getMember('4', TIMEOUT_MS))?.profile.city).toBe('late');
});

test('race 9: an ill event is told apart, the others stand', async () => {
  const good = (memberId: string) => eventOf(memberOf({ memberId, profile: { phone: '+4915112345' } }));
  const events = [
    good('50'),
    eventOf(memberOf({ memberId: '51', profile: { tier: { of: 'gold' } as never } })),
    good('52'),
    { ...good('53'), version: 7 },
    // Its look-up has an id that is too long, for which the engine refuses the whole request.
    eventOf(memberOf({ memberId: '54', accounts: [['x'.repeat(600), 'ada-of-54']] })),
    good('55'),
    eventOf(memberOf({ memberId: '56', profile: { city: 'ada'.repeat(20_000) } })),
  ];
  const outcomes = await opened.domain.write(events);
  expect(outcomes.map((outcome) => outcome.ok || outcome.retriable)).toEqual([
    true,
    false,
    true,
    false,
    false,
    true,
    false,
  ]);
  expect(JSON.stringify(outcomes)).not.toMatch(/ada|15112345|xxxx/);
  const read = await Promise.all(events.map(({ memberId }) => opened.domain.getMember(memberId, TIMEOUT_MS)));
  expect(read.map((document) => document?.memberId)).toEqual([
    '50',
    undefined,
    '52',
    undefined,
    undefined,
    '55',
    undefined,
  ]);
});

test('race 7: a closed member stays as a document', async () => {
  await opened.domain.write([eventOf(memberOf({ memberId: '6', version: 2, status: 'closed' }))]);
  await opened.domain.write([eventOf(memberOf({ memberId: '6', version: 1 }))]);
  expect(await opened.domain.getMember('6', TIMEOUT_MS)).toMatchObject({ status: 'closed', version: 2 });
});

test('no events are no request', async () => {
  expect(await bareDomain().domain.write([])).toEqual([]);
});

test('scanning meets every member once, closed ones too, in the order of ids as text', async () => {
  const scanned = await openDomain();
  const ids = Array.from({ length: 2100 }, (_, index) => String(index + 1));
  await scanned.domain.write(
    ids.map((memberId, index) =>
      eventOf(memberOf({ memberId, version: index + 1, status: index % 3 === 0 ? 'closed' : 'active' })),
    ),
  );
  await scanned.domain.refresh();
  const found: { memberId: string; version: number }[] = [];
  for await (const member of scanned.domain.scan()) found.push(member);
  expect(found).toEqual([...ids].sort().map((memberId) => ({ memberId, version: Number(memberId) })));

  const rest: string[] = [];
  for await (const { memberId } of scanned.domain.scan('998')) rest.push(memberId);
  expect(rest).toEqual(['999']);
  await scanned.remove();
});

describe('a domain that is not provisioned', () => {
  test('takes no event, and no index is made up for it', async () => {
    const bare = bareDomain();
    await expect(bare.domain.write([eventOf(memberOf())])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await ask('GET', `/${bare.members}`)).status).toBe(404);
    await bare.remove();
  });

  test('does not say that a member is unknown', async () => {
    const bare = bareDomain();
    const refused = await bare.domain.getMember('1', TIMEOUT_MS).catch((error) => error);
    expect(isProblem(refused, 'UNAVAILABLE')).toBe(true);
    await expect(bare.domain.lookup({ kind: 'phone', value: '+49' }, TIMEOUT_MS)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await expect(bare.domain.ping(TIMEOUT_MS)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(bare.domain.refresh()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await bare.remove();
  });

  test('an index that goes missing later is not made up either', async () => {
    await ask('PUT', '/_cluster/settings', { persistent: { 'action.auto_create_index': null } });
    const lost = await openDomain();
    await lost.domain.write([eventOf(memberOf())]);
    await ask('DELETE', `/${lost.members},${lost.lookups}`);
    expect(await lost.domain.write([eventOf(memberOf({ version: 2 }))])).toEqual([
      { ok: false, retriable: true, reason: expect.stringContaining('index_not_found') },
    ]);
    expect((await ask('GET', `/${lost.members}`)).status).toBe(404);
    await lost.domain.provision();
    expect(await lost.domain.write([eventOf(memberOf({ version: 2 }))])).toEqual([{ ok: true }]);
    expect(await contents(lost.members)).toHaveLength(1);
    await lost.remove();
  });
});
