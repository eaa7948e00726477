import { dirname } from 'node:path';
import { commands } from '../../cli/commands';
import type { Missing } from '../../cli/regions';
import { run } from '../../cli/run';
import { knownToBeIll } from '../../lambdas/failover';
import { untilStoresAgree } from './support/agreement';
import { call, register, send, unique } from './support/client';
import { openParts } from './support/parts';
import { control, eventually, readState, restart, STATE_FILE } from './support/system';

// Starting all engines of a region takes its time on a busy machine.
jest.setTimeout(300_000);

const LOST_WITHIN_MS = 90_000;
const parts = openParts('B');
const DIRECTORY = dirname(STATE_FILE);
const RUNS_IN_A = () => readState().engines.filter(({ region, pid }) => region === 'A' && pid !== null);

async function twinkeep(...words: string[]) {
  let said = '';
  const out = (text: string) => {
    said += text;
  };
  const code = await run(commands, [...words, '--directory', DIRECTORY], { out, error: out, environment: {} });
  return { code, said };
}

/** A writer that was replaced before this test may have kept what its successor had not received: an operator has it read. */
async function readKept(): Promise<void> {
  await eventually(async () => {
    const { said } = await twinkeep('region', 'readmit', 'A', '--check', '--json');
    const missing: readonly Missing[] = JSON.parse(said).missing;
    const servers = missing.flatMap(({ says }) => /restore (\S+),/.exec(says)?.[1] ?? []);
    for (const server of servers) {
      await control({ command: 'restore', engine: server });
      expect(await twinkeep('reconcile', 'kept', server)).toMatchObject({ code: 0 });
    }
    return servers.length === 0 && missing.every(({ subject }) => subject !== 'heartbeats' && subject !== 'kept');
  }, 120_000);
}

afterAll(async () => {
  await parts.close();
  if (RUNS_IN_A().length < 2) await restart('A');
  for (const mode of ['draining', 'active']) await twinkeep('switch', 'set', 'regions/A', mode, '--region', 'B');
});

test('a region that was lost costs the other one no registration and no read, and serves again on command only', async () => {
  const inA = await register([`app:${unique('lost')}`], { region: 'A' });
  const inB = await register([`app:${unique('lost')}`], { region: 'B' });
  await call('GET', `/members/${inA.memberId}`, { region: 'B' });
  await control({ command: 'lose', region: 'A' });
  expect(RUNS_IN_A()).toEqual([]);
  await eventually(async () => {
    const body = {
      profile: { name: 'In the other region' },
      accounts: [{ platform: 'app', account: unique('other') }],
    };
    return (await call('POST', '/members', { region: 'B', body })).status === 201;
  });
  for (const { memberId } of [inA, inB]) {
    expect(await call('GET', `/members/${memberId}`, { region: 'B' })).toMatchObject({ status: 200 });
  }
  const patched = await call('PATCH', `/members/${inB.memberId}`, { region: 'B', body: { city: 'meanwhile' } });
  expect(patched.status).toBe(200);

  expect(await twinkeep('switch', 'set', 'regions/A', 'fenced', '--region', 'B', '--alone')).toMatchObject({ code: 0 });
  expect(await twinkeep('region', 'readmit', 'A', '--check')).toMatchObject({
    code: 1,
    said: expect.stringContaining('no new heartbeat'),
  });
  // Who is away for a moment only is not lost.
  await eventually(async () => (await knownToBeIll(parts.arbiter, 'B')).regions.includes('A'), LOST_WITHIN_MS);
  await restart('A');
  const health = () => send('GET', `${readState().regions.A.api}/v1/order/health`);
  await eventually(async () => (await health()).status === 503);
  expect(await call('GET', `/members/${inA.memberId}`)).toMatchObject({ status: 503, body: { code: 'STOPPED' } });
  // Who opens it by hand is told who checks it first.
  expect(await twinkeep('switch', 'set', 'regions/A', 'active', '--region', 'B')).toMatchObject({
    code: 1,
    said: expect.stringContaining('npx twinkeep region readmit A'),
  });
  await readKept();
  expect(await twinkeep('region', 'readmit', 'A')).toMatchObject({
    code: 0,
    said: expect.stringMatching(/order: \d+ members compared[\s\S]*serves again/),
  });
  // Its environments look at their switches once a second.
  await eventually(async () => (await health()).status === 200);
  // What was cached before the loss is not believed, and what was written meanwhile is there.
  expect((await call('GET', `/members/${inB.memberId}`)).body.profile.city).toBe('meanwhile');
  await untilStoresAgree();
});
