import { setTimeout as pause } from 'node:timers/promises';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AUTOMATIC_GRANT_MS } from '../../lambdas/failover';
import { parameterName, type Region } from '../../topology';
import { type Answer, call, register, unique } from './support/client';
import { openParts } from './support/parts';
import { awsClient } from './support/stores';
import { engine, eventually, kill, REGION_NAMES, restart } from './support/system';

const UNIT = 'b1';
const parts = openParts('A');
const stores = {
  A: awsClient((options) => new SSMClient(options)),
  B: awsClient((options) => new SSMClient(options), 'B'),
};
afterAll(async () => {
  for (const region of REGION_NAMES) stores[region].destroy();
  await parts.close();
});

const turn = (name: string, value: unknown, region: Region) =>
  stores[region].send(
    new PutParameterCommand({ Name: parameterName('local', name), Value: JSON.stringify(value), Overwrite: true }),
  );

async function turned(name: string, region: Region): Promise<unknown> {
  const { Parameter } = await stores[region].send(new GetParameterCommand({ Name: parameterName('local', name) }));
  return JSON.parse(Parameter?.Value ?? 'null');
}

const standing = () => parts.arbiter.decisions.unit(UNIT);

async function openIn(writer: Region) {
  return eventually(async () => {
    const decision = await standing();
    const isOpen = decision?.transition === undefined && decision?.mode === 'database';
    return isOpen && decision.writer === writer ? decision : undefined;
  }, 90_000);
}

/** Each call is answered, or says honestly that it cannot be, and when to come again. */
function expectHonest(answer: Answer, statuses: readonly number[]): void {
  if (statuses.includes(answer.status)) return;
  expect([answer.status, answer.body.code]).toEqual([503, 'UNAVAILABLE']);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
}

/** Writes and reads a member through both regions until it is stopped. */
function use(memberId: string) {
  const seen = { city: '', refused: 0, isOver: false };
  const path = `/members/${memberId}`;
  const using = REGION_NAMES.map(async (region) => {
    while (!seen.isOver) {
      const city = unique('city');
      const written = await call('PATCH', path, { region, body: { city } });
      expectHonest(written, [200]);
      if (written.status === 200) seen.city = city;
      else seen.refused += 1;
      expect((await call('GET', path, { region })).status).toBe(200);
      await pause(20);
    }
  });
  const end = async () => {
    seen.isOver = true;
    await Promise.all(using);
    return seen;
  };
  return { seen, end };
}

const writesAgain = (memberId: string) =>
  Promise.all(
    REGION_NAMES.map((region) =>
      eventually(async () => {
        const answer = await call('PATCH', `/members/${memberId}`, { region, body: { city: unique('city') } });
        return answer.status === 200;
      }),
    ),
  );

test('a unit is moved by its switch and read all the while, and moves by itself when its new writer is lost', async () => {
  const { memberId } = await register([], { region: 'B' });
  const founded = await openIn('B');

  const planned = use(memberId);
  await eventually(() => planned.seen.city !== '');
  await turn(`units/${UNIT}`, { writer: 'A', mode: 'database' }, 'B');
  const moved = await openIn('A');
  expect(moved.epoch).toBeGreaterThan(founded.epoch);
  await writesAgain(memberId);
  await planned.end();
  for (const region of REGION_NAMES) {
    await eventually(async () => ((await turned(`units/${UNIT}`, region)) as { writer: Region }).writer === 'A');
  }
  expect([engine('b1-A').role, engine('b1-B').role]).toEqual(['writer', 'replica']);

  // Leases are short from then on; the one that runs was granted for an hour.
  await turn('failover/auto', 'on', 'A');
  await eventually(async () => (await standing())?.grantedMs === AUTOMATIC_GRANT_MS);
  kill('b1-A');
  const returned = await openIn('B');
  expect(returned.epoch).toBeGreaterThan(moved.epoch);
  await writesAgain(memberId);

  await turn('failover/auto', 'off', 'B');
  await restart('b1-A');
  await eventually(() => engine('b1-A').role === 'replica');
  for (const region of REGION_NAMES) {
    await eventually(async () => ((await turned(`units/${UNIT}`, region)) as { writer: Region }).writer === 'B');
  }
  const told = await parts.arbiter.audit.list(`unit/${UNIT}`, { limit: 50 });
  const asked = told.filter(({ action, outcome }) => action.startsWith('asked for unit') && outcome === 'accepted');
  expect(asked[0]?.actor).toBe('the controller of region B');
  const opened = told.filter(({ action }) => action.startsWith(`opened unit ${UNIT}`)).map(({ action }) => action);
  expect(opened.slice(0, 2)).toEqual([
    `opened unit b1 in region B in mode database under epoch ${returned.epoch}`,
    `opened unit b1 in region A in mode database under epoch ${moved.epoch}`,
  ]);
}, 300_000);
