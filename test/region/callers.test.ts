import { dirname } from 'node:path';
import { Cluster } from 'ioredis';
import { commands } from '../../cli/commands';
import { run } from '../../cli/run';
import { REGIONS, type Region } from '../../topology';
import { call, register, send, unique, uniquePhone } from './support/client';
import { engine, eventually, readState, STATE_FILE } from './support/system';

/** What a change of a caller is promised to be known in. */
const KNOWN_WITHIN_MS = 5_000;

// biome-ignore lint/suspicious/noExplicitAny: tests read whatever is told
async function callers(...words: string[]): Promise<any> {
  let [out, error] = ['', ''];
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    error: (text: string) => {
      error += text;
    },
    environment: {},
  };
  const code = await run(commands, ['callers', ...words, '--directory', dirname(STATE_FILE), '--json'], terminal);
  if (code !== 0 || error !== '') throw new Error(`${code}: ${error}`);
  return JSON.parse(out);
}

async function entered(classes = 'order,other'): Promise<{ id: string; apiKey: string }> {
  const made = await callers('create', '--id', unique('caller'), '--owner', 'Tests', '--classes', classes);
  await eventually(async () => (await statuses(made.apiKey)).every((status) => status !== 401));
  return made;
}

const ask = (apiKey: string, region: Region, path = '/v1/order/members/1') =>
  send('GET', `${readState().regions[region].api}${path}`, { headers: { 'x-api-key': apiKey } });

/** What each region answers: 404 for who is let in, 401 for who is not. */
async function statuses(apiKey: string): Promise<number[]> {
  return Promise.all(REGIONS.map(async (region) => (await ask(apiKey, region)).status));
}

/** Asks all the time, as who has a leaked key would, until nobody is let in. */
async function refusedAfterMs(apiKey: string): Promise<number> {
  const beganAtMs = performance.now();
  await eventually(async () => (await statuses(apiKey)).every((status) => status === 401), KNOWN_WITHIN_MS + 5_000);
  return performance.now() - beganAtMs;
}

test('a caller that is created gets in, and within seconds of being suspended it does not; resumed it does', async () => {
  const { id, apiKey } = await entered();
  await callers('suspend', id, '--reason', 'a test');
  expect(await refusedAfterMs(apiKey)).toBeLessThan(KNOWN_WITHIN_MS);
  await callers('resume', id);
  await eventually(async () => (await statuses(apiKey)).every((status) => status === 404), KNOWN_WITHIN_MS);
});

test('both keys of a rotation let in; a leaked one does not within seconds, and the new one does', async () => {
  const { id, apiKey: former } = await entered();
  const { apiKey: next } = await callers('rotate', id, '--overlap', '1h');
  await eventually(async () => (await statuses(next)).every((status) => status === 404), KNOWN_WITHIN_MS);
  expect(await statuses(former)).toEqual([404, 404]);
  await callers('rotate', id, '--retire');
  expect(await refusedAfterMs(former)).toBeLessThan(KNOWN_WITHIN_MS);
  expect(await statuses(next)).toEqual([404, 404]);
});

test("a caller's own rules are tried out on what it called, and change nothing", async () => {
  const { id, apiKey } = await entered();
  const rule = { id: 'few', match: {}, algorithm: 'counter', ratePerS: 1 / 600, burst: 1, mode: 'on' };
  const tryOut = () => callers('rules', id, '--set', JSON.stringify([rule]), '--dry-run');
  for (let time = 0; time < 3; time += 1) await ask(apiKey, 'A');
  // Functions tell of their calls once a second.
  const { rules, preview } = await eventually(async () => {
    const tried = await tryOut();
    return tried.preview.rules.some(({ caller }: { caller: string }) => caller === id) ? tried : undefined;
  });
  expect(rules).toEqual([rule]);
  expect(preview.rules).toContainEqual(expect.objectContaining({ rule: 'few', mode: 'on', caller: id }));
  expect(await callers('rules', id)).toEqual([]);
});

test('what one caller was answered is nothing to another one: keys of requests, places in a search, classes', async () => {
  const [one, other] = [await entered(), await entered('other')];
  const api = readState().regions.A.api;
  const idempotencyKey = unique('key');
  const register = ({ apiKey }: { apiKey: string }) =>
    send('POST', `${api}/v1/other/members`, {
      body: { profile: { name: 'Ada' } },
      headers: { 'x-api-key': apiKey, 'idempotency-key': idempotencyKey },
    });
  const [mine, again, theirs] = [await register(one), await register(one), await register(other)];
  expect(again.body.memberId).toBe(mine.body.memberId);
  expect([theirs.status, theirs.body.memberId === mine.body.memberId]).toEqual([201, false]);
  const search = ({ apiKey }: { apiKey: string }, cursor?: string) =>
    send('POST', `${api}/v1/other/members/search`, {
      body: { filter: {}, sort: 'registeredAt', limit: 1, ...(cursor === undefined ? {} : { cursor }) },
      headers: { 'x-api-key': apiKey },
    });
  // One member alone is the whole of an answer, which goes on nowhere.
  const cursor = await eventually(async () => (await search(one)).body.cursor);
  expect([(await search(one, cursor)).status, (await search(other, cursor)).status]).toEqual([200, 400]);
  expect((await ask(other.apiKey, 'A')).body.code).toBe('CLASS_NOT_ALLOWED');
  // A key is good for the caller that it names, and for no other.
  const [, secret] = one.apiKey.split('.');
  expect((await ask(`${other.id}.${secret}`, 'A', '/v1/other/members/1')).status).toBe(401);
});

test('a caller under suspicion is answered what the cache holds, and nothing that it asks reaches further', async () => {
  const { id, apiKey } = await entered();
  const phone = uniquePhone();
  const [known, unknown] = [await register(), await register([], { profile: { phone } })];
  await eventually(async () => (await call('GET', `/members/${known.memberId}`)).headers.get('source') === 'cache');
  await callers('suspend', id, '--cache-only', '--reason', 'a test');
  const path = (memberId: string) => `/v1/order/members/${memberId}`;
  const refused = { status: 429, body: { code: 'LIMITED', rule: 'cache-only', retryAfterMs: 60_000 } };
  // Each time another one: what was asked for before it is known may be cached.
  await eventually(async () => (await ask(apiKey, 'A', path(`${Date.now()}`))).status === 429, KNOWN_WITHIN_MS);
  const { port, host } = engine('redis-A');
  const redis = new Cluster([{ host, port }]);
  try {
    for (let round = 0; round < 20; round += 1) {
      expect(await ask(apiKey, 'A', path(unknown.memberId))).toMatchObject(refused);
    }
    // Whoever asks a database for a member fills the cache with it.
    expect(await redis.exists(`{m:${unknown.memberId}}`)).toBe(0);
  } finally {
    redis.disconnect();
  }
  expect((await ask(apiKey, 'A', path(known.memberId))).headers.get('source')).toBe('cache');
  expect(await ask(apiKey, 'A', `/v1/order/members?phone=${encodeURIComponent(phone)}`)).toMatchObject(refused);
  const api = readState().regions.A.api;
  const write = { body: { profile: { name: 'Ada' } }, headers: { 'x-api-key': apiKey } };
  expect(await send('POST', `${api}/v1/order/members`, write)).toMatchObject(refused);
  await callers('resume', id);
  await eventually(async () => (await ask(apiKey, 'A', path(unknown.memberId))).status === 200, KNOWN_WITHIN_MS);
});

test('an account that is asked for too often is refused by name, and other accounts of the same caller are not', async () => {
  const { apiKey } = await entered();
  const [hot, calm] = [await register(), await register()];
  const turn = (value: object) =>
    run(
      commands,
      ['switch', 'set', 'traffic/hot-accounts', JSON.stringify(value), '--directory', dirname(STATE_FILE)],
      {
        out: () => undefined,
        error: () => undefined,
        environment: {},
      },
    );
  const path = ({ memberId }: { memberId: string }) => `/v1/order/members/${memberId}`;
  const storm = (count: number) => Promise.all(Array.from({ length: count }, () => ask(apiKey, 'A', path(hot))));
  expect(await turn({ mode: 'on', readsPerS: 20, writesPerS: 20 })).toBe(0);
  try {
    const answers = await eventually(async () => {
      const all = await storm(100);
      return all.some(({ status }) => status === 429) ? all : undefined;
    });
    const refused = answers.filter(({ status }) => status !== 200);
    for (const { body, headers } of refused) {
      expect(body).toMatchObject({ status: 429, code: 'LIMITED', rule: 'hot-account' });
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    const others = await Promise.all(Array.from({ length: 10 }, () => ask(apiKey, 'A', path(calm))));
    expect(others.map(({ status }) => status)).toEqual(others.map(() => 200));
  } finally {
    expect(await turn({ mode: 'on', readsPerS: 10_000, writesPerS: 200 })).toBe(0);
  }
  await eventually(async () => (await storm(50)).every(({ status }) => status === 200));
});
