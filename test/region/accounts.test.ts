import { Redis } from 'ioredis';
import { lookupKey } from '../../lambdas/cache';
import { call, register, unique } from './support/client';
import { readClaims } from './support/stores';
import { engine, REGION_NAMES } from './support/system';

const bind = (memberId: string, account: string, region: 'A' | 'B' = 'A') =>
  call('PUT', `/members/${memberId}/accounts/app/${account}`, { region });
const unbind = (memberId: string, account: string, region: 'A' | 'B' = 'A') =>
  call('DELETE', `/members/${memberId}/accounts/app/${account}`, { region });
const holderOf = async (account: string, region: 'A' | 'B') => {
  const answer = await call('GET', `/accounts/app/${account}`, { region });
  return answer.status === 200 ? answer.body.memberId : answer.body.code;
};

test('row 1, race 11: of 64 members that bind one account at once one wins; the others are told, and nothing is orphaned', async () => {
  const account = unique('contested');
  const members = await Promise.all(Array.from({ length: 64 }, (_, i) => register([], { region: i % 2 ? 'A' : 'B' })));
  const answers = await Promise.all(members.map(({ memberId }, i) => bind(memberId, account, i % 2 ? 'B' : 'A')));
  const winners = members.filter((_, index) => answers[index]?.status === 200);
  expect(winners).toHaveLength(1);
  for (const answer of answers)
    if (answer.status !== 200) expect([answer.status, answer.body.code]).toEqual([409, 'ACCOUNT_BOUND']);
  for (const region of REGION_NAMES) expect(await holderOf(account, region)).toBe(winners[0]?.memberId);
  const claim = (await readClaims()).filter(({ key }) => key === `account:app:${account}`);
  expect(claim.map(({ memberId }) => memberId)).toEqual([winners[0]?.memberId]);
});

test('row 4, race 14: unbind and bind elsewhere need not wait for the queues, in either region', async () => {
  const account = unique('wandering');
  const [one, other] = await Promise.all([register(), register([], { region: 'B' })]);
  let holder = one;
  let next = other;
  expect((await bind(holder.memberId, account)).status).toBe(200);
  for (let round = 0; round < 10; round += 1) {
    const region = round % 2 ? 'A' : 'B';
    const refused = await bind(next.memberId, account, region);
    expect([refused.status, refused.body?.code]).toEqual([409, 'ACCOUNT_BOUND']);
    expect((await unbind(holder.memberId, account, region)).status).toBe(204);
    expect((await bind(next.memberId, account, region)).status).toBe(200);
    for (const reader of REGION_NAMES) expect(await holderOf(account, reader)).toBe(next.memberId);
    [holder, next] = [next, holder];
  }
});

test('binding and unbinding again change nothing', async () => {
  const account = unique('steady');
  const { memberId } = await register();
  const first = await bind(memberId, account);
  const second = await bind(memberId, account, 'B');
  expect([second.status, second.text]).toEqual([200, first.text]);
  expect((await unbind(memberId, account)).status).toBe(204);
  expect((await unbind(memberId, account, 'B')).status).toBe(204);
  expect(await holderOf(account, 'A')).toBe('NOT_BOUND');
});

test('race 13: two spellings of one account are one account', async () => {
  const name = unique('Zoe\u0308');
  const member = await register([`web:${name.toUpperCase()}`]);
  const found = await call('GET', `/accounts/web/${encodeURIComponent(name.normalize('NFC').toLowerCase())}`);
  expect(found.body.memberId).toBe(member.memberId);
  const other = await register();
  const taken = await call(
    'PUT',
    `/members/${other.memberId}/accounts/web/${encodeURIComponent(name.normalize('NFD'))}`,
  );
  expect([taken.status, taken.body.code]).toEqual([409, 'ACCOUNT_BOUND']);
});

test('race 16: "not bound" is not remembered once the account is bound, in either region', async () => {
  for (let round = 0; round < 5; round += 1) {
    const account = unique('fresh');
    for (const region of REGION_NAMES) expect(await holderOf(account, region)).toBe('NOT_BOUND');
    const { memberId } = await register([`app:${account}`], { region: round % 2 ? 'A' : 'B' });
    for (const region of REGION_NAMES) expect(await holderOf(account, region)).toBe(memberId);
  }
});

test("a token reads one's own binding, whatever a cache remembers", async () => {
  const account = unique('own');
  const { memberId } = await register();
  expect(await holderOf(account, 'B')).toBe('NOT_BOUND');
  const bound = await bind(memberId, account);
  // As if the fence had not reached this region: "not bound" under an order that no fence refuses.
  const { host, port } = engine('redis-B');
  const redis = new Redis({ host, port });
  const order = String(1e9).padStart(16, '0');
  await redis.set(lookupKey('account:app', account), `n${'1'.padStart(16, '0')}${order}`, 'EX', 60);
  redis.disconnect();
  expect(await holderOf(account, 'B')).toBe('NOT_BOUND');
  const headers = { 'min-version': bound.body.version };
  const found = await call('GET', `/accounts/app/${account}`, { region: 'B', headers });
  expect([found.status, found.body.memberId]).toEqual([200, memberId]);
});

test('a registration that loses one of its accounts binds none of them', async () => {
  const [taken, free] = [unique('taken'), unique('free')];
  await register([`app:${taken}`]);
  const body = { profile: { name: 'Late' }, accounts: [taken, free].map((account) => ({ platform: 'app', account })) };
  const answer = await call('POST', '/members', { body });
  expect([answer.status, answer.body.code]).toEqual([409, 'ACCOUNT_BOUND']);
  expect(await holderOf(free, 'B')).toBe('NOT_BOUND');
  await register([`app:${free}`], { region: 'B' });
});
