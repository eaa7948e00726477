import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { commands } from '../../cli/commands';
import { run } from '../../cli/run';
import { openParameterStore } from '../../lambdas/switches';
import { AWS_REGIONS, parameterName, REGIONS, type Region, SWITCHES } from '../../topology';
import { call, register, send } from './support/client';
import { openParts } from './support/parts';
import { engine, eventually, kill, readState, STATE_FILE } from './support/system';

jest.setTimeout(180_000);

const { arbiter, close } = openParts('A');
const { endpoint, accountId } = readState().aws;
const storeOf = (region: Region) => openParameterStore({ region, stage: 'local', endpoint });
const stores = { A: storeOf('A'), B: storeOf('B') };
const lambda = new LambdaClient({ region: AWS_REGIONS.B, endpoint });
afterAll(async () => {
  for (const client of [stores.A, stores.B]) client.close();
  lambda.destroy();
  await close();
});

/** With the plain AWS CLI, as an operator has it; where a machine has none, by the same call of the SDK. */
async function turn(region: Region, name: string, value: unknown): Promise<void> {
  const { PATH, HOME, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const order = ['ssm', 'put-parameter', '--overwrite', '--name', parameterName('local', name), '--value', text];
  const env = { PATH, HOME, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY };
  const words = ['--endpoint-url', endpoint, '--region', AWS_REGIONS[region], ...order];
  await promisify(execFile)('aws', words, { env }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return eventually(() => stores[region].put(name, text));
  });
}

async function held(name: string): Promise<(string | undefined)[]> {
  return Promise.all(REGIONS.map(async (region) => (await stores[region].read([name])).get(name)?.text));
}

async function twinkeep(...words: string[]): Promise<{ code: number; out: string }> {
  let out = '';
  const write = (text: string) => {
    out += text;
  };
  const terminal = { out: write, error: write, environment: {} };
  const code = await run(commands, [...words, '--directory', dirname(STATE_FILE)], terminal);
  return { code, out };
}

async function turnBack(name: string): Promise<void> {
  const { defaultValue } = SWITCHES.find((one) => one.name === name) ?? {};
  const { code, out } = await twinkeep('switch', 'set', name, JSON.stringify(defaultValue), '--wait', '60');
  expect([code, out]).toEqual([0, out]);
}

const sourceIn = async (region: Region) => {
  const body = { filter: {}, sort: 'name', limit: 1 };
  return (await call('POST', '/members/search', { region, trafficClass: 'other', body })).headers.get('source');
};

test('a switch that is turned in one region takes effect in both, and stands in the audit', async () => {
  await turn('B', 'search/other', ['order', 'standby']);
  for (const region of REGIONS) {
    await eventually(async () => (await sourceIn(region)) === 'search;domain=order');
  }
  expect(await held('search/other')).toEqual(Array(2).fill('["order","standby"]'));
  const [newest] = await arbiter.audit.list('switch/search/other', { limit: 1 });
  expect(newest).toMatchObject({ outcome: 'accepted', actor: 'an operator in region B' });
  const history = await twinkeep('switch', 'history', 'search/other', '--limit', '1');
  expect(history.out).toMatch(/accepted {2}an operator in region B turned search\/other to \["order","standby"\]/);
  await turnBack('search/other');
  await eventually(async () => (await sourceIn('A')) === 'search;domain=standby');
});

test('a limit counts calls of both regions together, and a write that is forwarded once', async () => {
  const { memberId } = await register([], { region: 'B' });
  const patch = (region: Region, city: string) => call('PATCH', `/members/${memberId}`, { region, body: { city } });
  const rule = { algorithm: 'sliding-window', mode: 'on' };
  const rules = JSON.stringify([
    { id: 'few', match: { caller: 'shop', operation: 'patchMember' }, ratePerS: 4 / 600, burst: 4, ...rule },
    { id: 'one', match: { caller: 'shop', operation: 'batchMembers' }, ratePerS: 1 / 3600, burst: 1, ...rule },
  ]);
  const preview = await twinkeep('switch', 'set', 'traffic/rules', rules, '--dry-run', '--json');
  expect(JSON.parse(preview.out)).toMatchObject({ outcome: 'acceptable', preview: { refused: expect.any(Number) } });
  expect(JSON.parse(preview.out).unknownCallers).toBeUndefined();
  const misnamed = await twinkeep(
    'switch',
    'set',
    'traffic/rules',
    rules.replaceAll('shop', 'shpo'),
    '--dry-run',
    '--json',
  );
  expect(JSON.parse(misnamed.out)).toMatchObject({ outcome: 'acceptable', unknownCallers: ['shpo'] });
  await turn('A', 'traffic/rules', rules);
  for (const region of REGIONS) {
    const isFollowed = async () =>
      (await call('POST', '/members/batch', { region, body: { ids: [memberId] } })).status === 429;
    await eventually(isFollowed);
  }
  // Region A counts two of them, and takes the other two from what region B has left.
  for (const city of ['Oslo', 'Rome', 'Lima', 'Bonn']) expect((await patch('A', city)).status).toBe(200);
  for (const region of REGIONS) {
    const refused = await patch(region, 'Kiel');
    expect([refused.status, refused.body.code, refused.body.rule]).toEqual([429, 'LIMITED', 'few']);
    expect(Number(refused.headers.get('retry-after'))).toBe(Math.ceil(refused.body.retryAfterMs / 1000));
  }
  await turnBack('traffic/rules');
});

test.each([
  ['unsafe', [], 'A class needs one search domain at least.'],
  ['malformed', 'standby', 'It is not JSON.'],
])('a value that is %s is put back, and the audit says why', async (_, value, reason) => {
  const [before = ''] = await held('search/marketing');
  await turn('A', 'search/marketing', value);
  await eventually(async () => (await held('search/marketing')).every((text) => text === before));
  const newest = await eventually(async () => {
    const [entry] = await arbiter.audit.list('switch/search/marketing', { limit: 1 });
    return entry?.reason?.startsWith(reason) ? entry : undefined;
  });
  expect(newest).toMatchObject({ outcome: 'refused' });
});

test('race 22: two operators who turn a switch in two regions at once end in one order, the same in both stores', async () => {
  const values = ['[{"unit":"a1","weight":3}]', '[{"unit":"b1","weight":3}]'] as const;
  await Promise.all([turn('A', 'ids/open', values[0]), turn('B', 'ids/open', values[1])]);
  const [inA, inB] = await eventually(async () => {
    const accepted = await arbiter.decisions.acceptedSwitch('ids/open');
    const texts = await held('ids/open');
    return texts.every((text) => text === JSON.stringify(accepted?.value)) ? texts : undefined;
  });
  expect(values).toContain(inA);
  expect(inB).toBe(inA);
  await turnBack('ids/open');
});

test('a draining region says that it is not well and serves; a fenced one refuses everything, also what is forwarded to it', async () => {
  const { memberId } = await register([], { region: 'B' });
  const health = async (region: Region) => send('GET', `${readState().regions[region].api}/health`);
  const read = (region: Region) => call('GET', `/members/${memberId}`, { region });
  try {
    await turn('A', 'regions/B', '"draining"');
    expect((await eventually(async () => notOk(await health('B')))).body).toMatchObject({ code: 'STOPPED' });
    expect([(await read('B')).status, (await health('A')).status]).toEqual([200, 200]);
    await turn('A', 'regions/B', '"fenced"');
    const refused = await eventually(async () => notOk(await read('B')));
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([503, 'STOPPED', '5']);
    const openapi = () => send('GET', `${readState().regions.B.api}/openapi.json`);
    await eventually(async () => (await openapi()).status === 503);
    expect((await read('A')).status).toBe(200);
    const written = await call('PATCH', `/members/${memberId}`, { region: 'A', body: { city: 'Oslo' } });
    expect([written.status, written.body.code]).toEqual([503, 'STOPPED']);
    await turn('B', 'regions/A', '"draining"');
    await eventually(async () => (await held('regions/A')).every((text) => text === '"active"'));
  } finally {
    await turnBack('regions/B');
  }
  await eventually(async () => (await read('B')).status === 200);
});

const notOk = <T extends { status: number }>(answer: T) => (answer.status === 200 ? undefined : answer);

test('events of a paused target wait, also when the process that consumes them is killed, and are applied afterwards', async () => {
  const EventSourceArn = `arn:aws:sqs:${AWS_REGIONS.B}:${accountId}:index-marketing`;
  const state = async () => {
    const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({ EventSourceArn }));
    return EventSourceMappings?.map(({ State }) => State).join();
  };
  const known = async (memberId: string) => {
    const { host, port } = engine('marketing');
    return (await send('GET', `http://${host}:${port}/members/_doc/${memberId}`)).status === 200;
  };
  expect(await state()).toBe('Enabled');
  try {
    // From the region in which the target does not stand.
    await turn('A', 'sync/marketing', '"paused"');
    await eventually(async () => (await state()) === 'Disabled');
    const { pid } = engine('tasks-B');
    kill('tasks-B');
    await eventually(() => engine('tasks-B').pid !== null && engine('tasks-B').pid !== pid);
    expect(await eventually(() => state().catch(() => undefined))).toBe('Disabled');
    const { memberId } = await register([], { region: 'B' });
    const whole = engine('standby');
    await eventually(
      async () => (await send('GET', `http://${whole.host}:${whole.port}/members/_doc/${memberId}`)).status === 200,
    );
    expect(await known(memberId)).toBe(false);
    await turnBack('sync/marketing');
    await eventually(() => known(memberId));
  } finally {
    await turnBack('sync/marketing');
  }
});

test('the command follows a value, and says when both regions go by it; how fast is only told', async () => {
  const tookMs: number[] = [];
  for (let round = 0; round < 12; round += 1) {
    const value = round % 2 === 0 ? '"dry-run"' : '"off"';
    const region = REGIONS[Math.floor(round / 2) % 2] ?? 'A';
    const { code, out } = await twinkeep('switch', 'set', 'failover/auto', value, '--region', region, '--json');
    const report = JSON.parse(out) as { outcome: string; revision: number; snapshotsAfterMs: Record<Region, number> };
    expect([code, report]).toEqual([0, expect.objectContaining({ outcome: 'accepted' })]);
    tookMs.push(Math.max(report.snapshotsAfterMs.A, report.snapshotsAfterMs.B));
  }
  expect((await arbiter.decisions.acceptedSwitch('failover/auto'))?.value).toBe('off');
  const sorted = tookMs.sort((one, other) => one - other);
  const at = (part: number) => sorted[Math.ceil(sorted.length * part) - 1];
  process.stdout.write(`a turned switch was in both snapshots after p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`);
  const refused = await twinkeep('switch', 'set', 'failover/auto', 'sometimes');
  expect([refused.code, refused.out]).toEqual([1, expect.stringMatching(/^refused after|\nrefused after/)]);
  const tried = await twinkeep('switch', 'set', 'search/order', '[]', '--dry-run');
  expect([tried.code, tried.out]).toEqual([1, 'would be refused: A class needs one search domain at least.\n']);
  await eventually(async () => {
    const got = await twinkeep('switch', 'get', 'failover/auto');
    expect(got.out).toMatch(/^failover\/auto +"off" +\d+ +same +same /m);
    return true;
  });
});
