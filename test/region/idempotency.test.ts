import { call, register, unique } from './support/client';
import { REGION_NAMES } from './support/system';

const registration = () => ({ profile: { name: 'Twice' }, accounts: [{ platform: 'app', account: unique('twice') }] });
const post = (body: unknown, key: string, region: 'A' | 'B' = 'A', caller = 'shop') =>
  call('POST', '/members', { body, region, caller, headers: { 'idempotency-key': key } });

test('row 39, race 32: one key registers one member, however often and wherever it is sent', async () => {
  const [body, key] = [registration(), unique('key')];
  const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => post(body, key, i % 2 ? 'A' : 'B')));
  const members = new Set<string>();
  for (const answer of answers) {
    if (answer.status === 201) members.add(answer.body.memberId);
    else expect([answer.status, answer.body.code]).toEqual([409, 'IDEMPOTENCY_IN_PROGRESS']);
  }
  expect(members.size).toBe(1);
  for (const region of REGION_NAMES) {
    const replay = await post(body, key, region);
    expect([replay.status, members.has(replay.body.memberId)]).toEqual([201, true]);
  }
});

test('race 31: a key that is used with another request is refused, and belongs to its caller only', async () => {
  const [body, key] = [registration(), unique('key')];
  expect((await post(body, key)).status).toBe(201);
  const other = await post({ profile: { name: 'Someone else' } }, key, 'B');
  expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
  const foreign = await post({ profile: { name: 'Someone else' } }, key, 'A', 'backoffice');
  expect(foreign.status).toBe(201);
});

test('a request that was refused can be sent again under its key', async () => {
  const [body, key] = [registration(), unique('key')];
  const holder = await register([`app:${body.accounts[0]?.account}`]);
  expect((await post(body, key)).body.code).toBe('ACCOUNT_BOUND');
  await call('DELETE', `/members/${holder.memberId}/accounts/app/${body.accounts[0]?.account}`);
  expect((await post(body, key)).status).toBe(201);
});

test('row 38: replaying commands changes nothing', async () => {
  const { memberId } = await register();
  const path = `/members/${memberId}`;
  const account = unique('replayed');
  const commands = [
    () => call('PATCH', path, { body: { city: 'Roma', tags: ['a', 'b'] } }),
    () => call('PUT', `${path}/accounts/app/${account}`),
    () => call('DELETE', `${path}/accounts/app/${account}`),
  ];
  for (const command of commands) {
    await command();
    const before = await call('GET', path);
    for (let i = 0; i < 3; i += 1) expect((await command()).status).toBeLessThan(300);
    expect((await call('GET', path, { region: 'B' })).text).toBe(before.text);
  }
});
