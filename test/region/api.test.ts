import { apiKey, call, register, send, unique, uniquePhone } from './support/client';
import { eventually, REGION_NAMES, readState } from './support/system';

describe.each(REGION_NAMES)('region %s', (region) => {
  test('a member is registered, read, changed and closed', async () => {
    const account = unique('ada');
    const profile = { name: 'Ada', phone: uniquePhone(), tags: ['vip'], marketingConsent: true };
    const created = await call('POST', '/members', {
      region,
      body: { profile, accounts: [{ platform: 'web', account: account.toUpperCase() }] },
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ status: 'active', profile, accounts: [{ platform: 'web', account }] });
    expect(created.body.registeredAt).toBe(created.body.updatedAt);
    const path = `/members/${created.body.memberId}`;
    expect(created.headers.get('location')).toBe(`/v1/order${path}`);
    expect(created.headers.get('etag')).toBe(`"${created.body.version}"`);
    expect(created.headers.get('acknowledged')).toBe('one');

    const read = await call('GET', path, { region });
    expect([read.status, read.text]).toEqual([200, created.text]);
    expect(read.headers.get('source')).toMatch(/^(cache|database;unit=(a1|b1);role=(writer|replica))$/);
    expect(read.headers.get('cache-control')).toMatch(/private/);
    const again = await call('GET', path, { region });
    expect(again.headers.get('source')).toBe('cache');
    const held = await call('GET', path, { region, headers: { 'if-none-match': `"${created.body.version}"` } });
    expect([held.status, held.text]).toEqual([304, '']);

    const stale = await call('PATCH', path, { region, body: { city: 'Köln' }, headers: { 'if-match': '"1"' } });
    expect([stale.status, stale.body.code]).toEqual([412, 'VERSION_MISMATCH']);
    const patched = await call('PATCH', path, {
      region,
      body: { city: 'Köln', tags: null },
      headers: { 'if-match': `"${created.body.version}"`, 'content-type': 'application/merge-patch+json' },
    });
    expect(patched.status).toBe(200);
    const { tags: _, ...kept } = profile;
    expect(patched.body.profile).toEqual({ ...kept, city: 'Köln' });
    expect(Number(patched.body.version)).toBeGreaterThan(Number(created.body.version));

    expect((await call('DELETE', path, { region })).status).toBe(204);
    expect((await call('DELETE', path, { region })).status).toBe(204);
    for (const reader of REGION_NAMES) {
      const gone = await call('GET', path, { region: reader });
      expect([gone.status, gone.body.code]).toEqual([410, 'MEMBER_CLOSED']);
      const released = await call('GET', `/accounts/web/${account}`, { region: reader });
      expect([released.status, released.body.code]).toEqual([404, 'NOT_BOUND']);
    }
    const late = await call('PATCH', path, { region, body: { city: 'Bonn' } });
    expect([late.status, late.body.code]).toEqual([410, 'MEMBER_CLOSED']);
  });

  test('every key of a member finds it, in the classes that may look', async () => {
    const profile = {
      name: '王小明',
      phone: uniquePhone(),
      email: `${unique('Wang')}@Example.org`,
      unionId: unique('u'),
      idCard: `ID${Date.now()}`,
    };
    const { memberId } = await register([`card:${unique('c')}`], { region, profile });
    const queries = [
      `phone=${encodeURIComponent(profile.phone)}`,
      `email=${encodeURIComponent(profile.email.toLowerCase())}`,
      `unionId=${profile.unionId}`,
      `idCard=${profile.idCard}`,
    ];
    for (const trafficClass of ['order', 'other', 'marketing'] as const) {
      for (const query of queries) {
        const found = await eventually(async () => {
          const answer = await call('GET', `/members?${query}`, { region, trafficClass });
          return answer.body.items.length > 0 ? answer : undefined;
        });
        expect(found.body.items.map((item: { memberId: string }) => item.memberId)).toEqual([memberId]);
        expect(found.headers.get('source')).toMatch(/^search;domain=(order|standby|marketing)$/);
        const shown = found.body.items[0].profile;
        if (trafficClass === 'marketing') {
          for (const kind of ['phone', 'email', 'unionId', 'idCard'] as const)
            expect(shown[kind]).not.toBe(profile[kind]);
        } else {
          expect(shown).toEqual(profile);
        }
      }
    }
  });

  test('a batch answers in the order asked, item by item', async () => {
    const [one, other, closed] = [await register(), await register(), await register()];
    await call('DELETE', `/members/${closed.memberId}`, { region });
    const ids = [other.memberId, '1', one.memberId, closed.memberId, other.memberId];
    const answer = await call('POST', '/members/batch', { region, body: { ids } });
    expect(answer.status).toBe(200);
    expect(answer.body.items.map((item: { id: string }) => item.id)).toEqual(ids);
    expect(answer.body.items.map((item: { status: number }) => item.status)).toEqual([200, 404, 200, 410, 200]);
    expect(answer.body.items[0].member).toEqual(other);
    expect(answer.body.items[1].code).toBe('MEMBER_NOT_FOUND');
  });

  test('a search pages through its hits, each once, and only with cursors of its own', async () => {
    const city = unique('city');
    const names = ['b', 'a', 'ä', 'Z', '😀', 'c', 'a'];
    for (const name of names) await register([], { profile: { name, city } });
    const search = (body: object) => call('POST', '/members/search', { region, trafficClass: 'other', body });
    await eventually(async () => (await search({ filter: { city } })).body.items.length === names.length);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await search({
        filter: { city },
        sort: 'name',
        limit: 3,
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect(page.status).toBe(200);
      seen.push(...page.body.items.map((item: { profile: { name: string } }) => item.profile.name));
      cursor = page.body.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual([...names].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y))));
    const first = await search({ filter: { city }, limit: 2 });
    for (const stolen of [`${first.body.cursor.slice(0, -2)}xx`, 'abc.def']) {
      expect((await search({ filter: { city }, limit: 2, cursor: stolen })).status).toBe(400);
    }
    expect((await search({ filter: { city: 'elsewhere' }, limit: 2, cursor: first.body.cursor })).status).toBe(400);
  });

  test('marketing reads, masked, and writes nothing', async () => {
    const { memberId } = await register([], { profile: { phone: uniquePhone() } });
    const read = await call('GET', `/members/${memberId}`, { region, trafficClass: 'marketing' });
    expect(read.status).toBe(200);
    expect(read.body.profile.phone).toMatch(/\*/);
    for (const [method, path] of [
      ['POST', '/members'],
      ['PATCH', `/members/${memberId}`],
      ['DELETE', `/members/${memberId}`],
      ['PUT', `/members/${memberId}/accounts/app/x`],
    ] as const) {
      const refused = await call(method, path, { region, trafficClass: 'marketing', body: {} });
      expect([refused.status, refused.body.code]).toEqual([403, 'CLASS_READ_ONLY']);
    }
  });

  test('unknown callers, wrong secrets and classes that are not theirs are refused', async () => {
    const url = `${readState().regions[region].api}/v1/order/members/1`;
    const right = apiKey('shop');
    for (const key of [undefined, '', 'shop', 'nobody.secret', `${right}x`, right.slice(0, -1), '.', '__proto__.x']) {
      const answer = await send('GET', url, { headers: key === undefined ? {} : { 'x-api-key': key } });
      expect([key, answer.status, answer.body.code]).toEqual([key, 401, 'UNKNOWN_CALLER']);
    }
    const crm = await call('GET', '/members/1', { region, caller: 'crm' });
    expect([crm.status, crm.body.code]).toEqual([403, 'CLASS_NOT_ALLOWED']);
  });

  test('a token is satisfied by a newer copy, or refused, never ignored', async () => {
    const member = await register([], { region });
    const path = `/members/${member.memberId}`;
    for (let i = 0; i < 5; i += 1) {
      const patched = await call('PATCH', path, { region, body: { city: `c${i}` } });
      for (const reader of REGION_NAMES) {
        const headers = { 'min-version': patched.body.version };
        const read = await call('GET', path, { region: reader, headers });
        expect([read.status, read.body.profile.city]).toEqual([200, `c${i}`]);
      }
    }
    const ahead = await call('GET', path, { region, headers: { 'min-version': String(Number(member.version) + 1e6) } });
    expect([ahead.status, ahead.body.code]).toEqual([503, 'UNAVAILABLE']);
    expect(Number(ahead.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test.each(['one', 'both', 'require-both'])(
    'a write asked to be acknowledged by %s says how far it was',
    async (asked) => {
      const { memberId } = await register([], { region });
      const headers = { acknowledge: asked };
      const answer = await call('PATCH', `/members/${memberId}`, { region, headers, body: { city: asked } });
      expect([answer.status, answer.headers.get('acknowledged')]).toEqual([200, asked === 'one' ? 'one' : 'both']);
    },
  );

  test('health and the OpenAPI document need no key; deep health does', async () => {
    const { api } = readState().regions[region];
    expect((await send('GET', `${api}/health`)).status).toBe(200);
    expect((await send('GET', `${api}/v1/order/health`)).body).toEqual({ status: 'ok' });
    expect((await send('GET', `${api}/openapi.json`)).body.openapi).toMatch(/^3\.1/);
    expect((await send('GET', `${api}/health?deep=1`)).status).toBe(401);
    // What did not answer in time once, as on a machine that is busy, does so the next time.
    await eventually(async () => {
      const deep = await send('GET', `${api}/health?deep=1`, { headers: { 'x-api-key': apiKey('backoffice') } });
      expect([deep.status, deep.body]).toEqual([200, expect.objectContaining({ status: 'ok' })]);
      return true;
    });
  });
});

const BAD: readonly (readonly [string, string, string, unknown, number])[] = [
  ['unknown platform', 'PUT', '/members/{id}/accounts/nowhere/x', undefined, 400],
  ['over-long account', 'PUT', `/members/{id}/accounts/app/${'x'.repeat(129)}`, undefined, 400],
  ['account with surrounding space', 'PUT', '/members/{id}/accounts/app/%20x', undefined, 400],
  ['account with a control character', 'PUT', '/members/{id}/accounts/app/a%00b', undefined, 400],
  ['malformed encoding', 'PUT', '/members/{id}/accounts/app/%E0%A4%A', undefined, 400],
  ['invalid phone', 'PATCH', '/members/{id}', { phone: '0151 123' }, 400],
  ['wrong type', 'PATCH', '/members/{id}', { tags: 'vip' }, 400],
  ['unknown field', 'PATCH', '/members/{id}', { nickname: 'x' }, 400],
  ['name removed', 'PATCH', '/members/{id}', { name: null }, 400],
  ['prototype key', 'PATCH', '/members/{id}', '{"__proto__":{"admin":true}}', 400],
  ['constructor key', 'POST', '/members', '{"profile":{"name":"x"},"constructor":{}}', 400],
  ['bad JSON', 'POST', '/members', '{"profile":', 400],
  ['an array', 'POST', '/members', [], 400],
  ['null', 'POST', '/members', 'null', 400],
  ['no body', 'POST', '/members', '', 400],
  ['a body too large', 'POST', '/members', { profile: { name: 'x', city: 'y'.repeat(400_000) } }, 413],
  ['a body far too large', 'POST', '/members', { profile: { name: 'x', city: 'y'.repeat(2_000_000) } }, 413],
  ['no id', 'GET', '/members/abc', undefined, 400],
  ['an id beyond 63 bits', 'GET', '/members/9223372036854775808', undefined, 400],
  ['an id of nobody', 'GET', '/members/9223372036854775807', undefined, 404],
  ['two keys', 'GET', '/members?phone=%2B4915112345678&email=a@b.de', undefined, 400],
  ['no key', 'GET', '/members', undefined, 400],
  ['too many ids', 'POST', '/members/batch', { ids: Array(101).fill('1') }, 400],
  [
    'a repeated account',
    'POST',
    '/members',
    {
      profile: { name: 'x' },
      accounts: [
        { platform: 'app', account: 'q' },
        { platform: 'app', account: 'q' },
      ],
    },
    400,
  ],
  ['unknown path', 'GET', '/nothing', undefined, 404],
  ['a trailing slash', 'GET', '/members/{id}/', undefined, 404],
  ['wrong method', 'POST', '/members/{id}', {}, 405],
];

test.each(BAD)('bad input: %s', async (_, method, path, body, status) => {
  const { memberId } = await register();
  const answer = await call(method, path.replace('{id}', memberId), body === undefined ? {} : { body });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    status,
    code: expect.any(String),
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(answer.text).not.toMatch(/node_modules|at .*\.(ts|js|cjs)/);
  const after = await call('GET', `/members/${memberId}`);
  expect(after.status).toBe(200);
});

test.each([
  ['if-match', 'abc'],
  ['if-match', 'W/"1"'],
  ['min-version', '-1'],
  ['acknowledge', 'all'],
  ['content-type', 'text/plain'],
])('bad header %s: %s', async (name, value) => {
  const { memberId } = await register();
  const method = name === 'min-version' ? 'GET' : 'PATCH';
  const answer = await call(method, `/members/${memberId}`, {
    headers: { [name]: value },
    ...(method === 'GET' ? {} : { body: { city: 'x' } }),
  });
  expect(answer.status).toBe(name === 'content-type' ? 415 : 400);
});
