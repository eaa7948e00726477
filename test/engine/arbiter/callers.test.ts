import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Arbiter, Caller } from '../../../lambdas/arbiter';
import { systemClock } from '../../../lambdas/core';
import {
  addKey,
  changeCaller,
  createCaller,
  drawKey,
  enterCaller,
  hashSecret,
  retireKeys,
  setRules,
  setStatus,
} from '../../../lambdas/traffic';
import { AWS_REGIONS } from '../../../topology';
import { type ArbiterTables, startArbiterTables } from './tables';

let tables: ArbiterTables;
let arbiter: Arbiter;

beforeAll(async () => {
  tables = await startArbiterTables();
  arbiter = tables.arbiter();
});
afterAll(() => tables.stop());

const BY = { by: 'ada' };
const WEEK_MS = 604_800_000;

async function entered(id: string): Promise<Caller> {
  const { key } = drawKey(systemClock.nowMs());
  const given = { id, owner: 'Shop team', classes: ['order', 'other'] as const, keys: [key], rules: [] };
  return createCaller(arbiter, systemClock, BY, given);
}

test('a caller is entered once, found and listed whole', async () => {
  const shop = await entered('shop');
  await expect(entered('shop')).rejects.toThrow('There is a caller shop already');
  expect(await arbiter.callers.find('shop', 'strong')).toEqual(shop);
  expect(await arbiter.callers.find('nobody')).toBeUndefined();
  expect(await arbiter.callers.list()).toEqual([shop]);
});

test('of two who change a caller at once neither undoes what the other did', async () => {
  await entered('both');
  const rule = { id: 'r1', match: {}, algorithm: 'counter', ratePerS: 5, mode: 'on' } as const;
  const names = Array.from({ length: 6 }, (_, index) => `by-${index}`);
  await Promise.all([
    ...names.map((by) => changeCaller(tables.arbiter(), systemClock, 'both', { by }, touched(by))),
    changeCaller(tables.arbiter(), systemClock, 'both', BY, setStatus('suspended')),
    changeCaller(tables.arbiter(), systemClock, 'both', BY, setRules([rule])),
  ]);
  const both = await arbiter.callers.find('both', 'strong');
  expect(both).toMatchObject({ status: 'suspended', rules: [rule], revision: 9 });
  expect(both?.owner.split('+').sort()).toEqual(['Shop team', ...names].sort());
});

const touched = (by: string) => (caller: Caller) => ({
  caller: { owner: `${caller.owner}+${by}` },
  action: 'signed the caller',
});

test('a write that comes late does not replace a later record', async () => {
  const before = await entered('late');
  await changeCaller(arbiter, systemClock, 'late', BY, setStatus('suspended'));
  expect(await arbiter.callers.put({ ...before, revision: before.revision + 1, owner: 'someone' })).toBe(false);
  expect(await arbiter.callers.find('late', 'strong')).toMatchObject({ status: 'suspended', owner: 'Shop team' });
});

test('a change whose answer was lost is known to have been made', async () => {
  const suspended = (await changeCaller(arbiter, systemClock, (await entered('twice')).id, BY, setStatus('suspended')))
    .caller;
  expect(await arbiter.callers.put(suspended)).toBe(true);
});

test('each change is told in the audit, once, by whom and why', async () => {
  const { key } = drawKey(systemClock.nowMs());
  await entered('told');
  await changeCaller(
    arbiter,
    systemClock,
    'told',
    { by: 'bob', reason: 'Its key is on a forum.' },
    addKey(key, WEEK_MS),
  );
  await changeCaller(arbiter, systemClock, 'told', BY, retireKeys());
  await changeCaller(arbiter, systemClock, 'told', BY, setStatus('active'));
  const told = await arbiter.audit.list('caller/told', { limit: 9 });
  expect(told.map(({ actor, action, reason }) => [actor, action.split(' ')[0], reason])).toEqual([
    ['ada', 'retired', undefined],
    ['bob', 'gave', 'Its key is on a forum.'],
    ['ada', 'entered', undefined],
  ]);
  expect(JSON.stringify(told)).not.toContain(key.hash);
});

test('a change that died before it was told is told with the next one', async () => {
  const before = await entered('untold');
  const changed = { atMs: systemClock.nowMs(), by: 'carl', action: 'suspended the caller' };
  await arbiter.callers.put({ ...before, status: 'suspended', revision: 2, changed });
  await changeCaller(arbiter, systemClock, 'untold', BY, setStatus('active'));
  const told = await arbiter.audit.list('caller/untold', { limit: 9 });
  expect(told.map(({ actor }) => actor)).toEqual(['ada', 'carl', 'ada']);
});

test('every change lets environments know that the registry is another one, also one that was made before', async () => {
  const { decisions } = arbiter;
  await entered('known');
  const first = await decisions.callersRevision();
  await changeCaller(arbiter, systemClock, 'known', BY, setStatus('suspended'));
  const second = await decisions.callersRevision();
  expect(second).toBeGreaterThan(first);
  const again = await changeCaller(arbiter, systemClock, 'known', BY, setStatus('suspended'));
  expect(again.isChanged).toBe(false);
  expect(await decisions.callersRevision()).toBeGreaterThan(second);
});

test('a deployment enters callers, and leaves those that there are as operators made them', async () => {
  const given = { id: 'deployed', owner: 'Imports', classes: ['other'] as const, keyHashes: [hashSecret('x')] };
  await enterCaller(arbiter, systemClock, given);
  await changeCaller(arbiter, systemClock, 'deployed', BY, setStatus('suspended'));
  await enterCaller(arbiter, systemClock, given);
  expect(await arbiter.callers.find('deployed', 'strong')).toMatchObject({ status: 'suspended', revision: 2 });
});

test('a record of 0.1.0 is read, and becomes one of now with its first change', async () => {
  const client = new DynamoDBClient({ region: AWS_REGIONS.A, endpoint: tables.endpoint });
  const texts = (...values: string[]) => ({ L: values.map((value) => ({ S: value })) });
  await client.send(
    new PutItemCommand({
      TableName: tables.nameOf('callers'),
      Item: {
        id: { S: 'old' },
        owner: { S: 'Shop team' },
        classes: texts('order'),
        keyHashes: texts(hashSecret('x')),
        status: { S: 'active' },
      },
    }),
  );
  client.destroy();
  const keys = [{ hash: hashSecret('x'), createdAtMs: 0 }];
  expect(await arbiter.callers.find('old')).toMatchObject({ keys, revision: 0, rules: [] });
  await changeCaller(arbiter, systemClock, 'old', BY, setStatus('suspended'));
  expect(await arbiter.callers.find('old')).toMatchObject({ keys, revision: 1, status: 'suspended' });
});
