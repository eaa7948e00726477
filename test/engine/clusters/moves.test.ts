import { MoveRefused } from '../../../lambdas/failover';
import { Load } from './load';
import { CLUSTER, TrialCluster, until } from './trial-cluster';

/** The client knows this number of MariaDB by a name that MySQL has for it. */
const ACCOUNT_IS_LOCKED = 4151;

let trial: TrialCluster;
/** So that no two tests write one row. */
let next = 1;

beforeAll(async () => {
  trial = await TrialCluster.start();
}, 240_000);

beforeEach(async () => {
  next += 100_000;
  await trial.whole();
  if (trial.roleOf('A') === 'writer') return;
  await trial.callers.switchOver(CLUSTER, 'A');
  await trial.moved('A');
  await trial.whole();
});

afterAll(() => trial.end(), 60_000);

/** What the writer commits is received at once, and applied so much later. */
async function applyLateInB(delayS: number): Promise<void> {
  await trial.root('B', 'STOP SLAVE');
  await trial.root('B', `CHANGE MASTER TO MASTER_DELAY=${delayS}`);
  await trial.root('B', 'START SLAVE');
  await trial.whole();
}

async function receivedInB(): Promise<string> {
  const [row] = await trial.root<{ Gtid_IO_Pos: string }>('B', 'SHOW SLAVE STATUS');
  return row?.Gtid_IO_Pos ?? '';
}

test('a planned switchover under writes loses none of them, and the old writer follows the new one', async () => {
  const load = new Load(trial, 'A', { connections: 4, first: next });
  await until(() => load.acknowledged.length > 100, 'a load');
  await trial.callers.switchOver(CLUSTER, 'B');
  // Accepted twice is begun once.
  await trial.callers.switchOver(CLUSTER, 'B');
  await load.ended();
  expect(new Set(load.refused)).toEqual(new Set(['ER_OPTION_PREVENTS_STATEMENT']));
  await trial.moved('B');
  expect(await trial.rows('B')).toEqual(expect.arrayContaining(load.acknowledged));
  expect([trial.roleOf('A'), trial.roleOf('B')]).toEqual(['replica', 'writer']);
  await trial.insert('B', next + 50_001);
  await trial.whole();
  await expect(trial.insert('A', next + 50_002)).rejects.toMatchObject({ code: 'ER_OPTION_PREVENTS_STATEMENT' });
  await trial.inStep('A');
  expect(await trial.rows('A')).toEqual(await trial.rows('B'));
  expect(trial.snapshots).toEqual([]);
});

test('an unplanned failover keeps everything that had been received, also what was not applied', async () => {
  await applyLateInB(2);
  const written = Array.from({ length: 50 }, (_, index) => next + index);
  for (const id of written) await trial.insert('A', id);
  const far = await trial.position('A');
  await until(async () => (await receivedInB()) === far, 'that all is received');
  await trial.kill('A');
  // Else there would be nothing to wait for.
  expect(await trial.rows('B')).not.toContain(written.at(-1));
  await trial.callers.failOver(CLUSTER, 'B');
  await trial.moved('B');
  expect(await trial.rows('B')).toEqual(expect.arrayContaining(written));
  await trial.insert('B', next + 60);
  await trial.restart('A');
  await trial.whole();
  await trial.inStep('A');
  expect(await trial.rows('A')).toEqual(await trial.rows('B'));
  expect(trial.snapshots).toEqual([]);
});

test('what a returned writer alone has is kept aside, and it is cloned from its successor', async () => {
  await trial.root('B', 'STOP SLAVE IO_THREAD');
  const tail = [next, next + 1];
  for (const id of tail) await trial.insert('A', id);
  await trial.kill('A');
  await trial.callers.failOver(CLUSTER, 'B');
  await trial.moved('B');
  await trial.insert('B', next + 2);
  expect(await trial.rows('B')).not.toEqual(expect.arrayContaining(tail));
  await trial.restart('A');
  await trial.whole();
  await trial.inStep('A');
  expect(await trial.rows('A')).toEqual(await trial.rows('B'));
  const [snapshot, ...others] = trial.snapshots;
  expect(others).toEqual([]);
  if (snapshot === undefined) throw new Error('nothing is kept');
  expect(snapshot).toMatchObject({ cluster: CLUSTER, region: 'A' });
  expect(snapshot.id).toMatch(/^rds:unplanned-global-failover-twinkeep-trial-a-a1-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d$/);
  const kept = await trial.read<{ id: number }>(snapshot, `SELECT id FROM trial.row WHERE id IN (${tail.join(', ')})`);
  expect(kept.map(({ id }) => id)).toEqual(tail);
  // A clone goes on counting where the writer was, even if it has not followed a single transaction.
  await trial.callers.switchOver(CLUSTER, 'A');
  await trial.moved('A');
  await trial.insert('A', next + 3);
  await trial.whole();
  await trial.inStep('B');
  expect(await trial.rows('B')).toEqual(await trial.rows('A'));
});

test('a writer that was only frozen while another took over is silenced, and follows it', async () => {
  await trial.inStep('B');
  trial.signal('A', 'SIGSTOP');
  try {
    await trial.callers.failOver(CLUSTER, 'B');
    await trial.moved('B');
    await trial.insert('B', next);
  } finally {
    trial.signal('A', 'SIGCONT');
  }
  await trial.whole();
  await expect(trial.insert('A', next + 1)).rejects.toMatchObject({ code: 'ER_OPTION_PREVENTS_STATEMENT' });
  await trial.inStep('A');
  expect(await trial.rows('A')).toContain(next);
});

test('a former writer that nobody has looked at answers no caller', async () => {
  await trial.root('B', 'STOP SLAVE IO_THREAD');
  await trial.insert('A', next);
  await trial.kill('A');
  await trial.callers.failOver(CLUSTER, 'B');
  await trial.moved('B');
  // Without its writer it can neither be compared nor cloned.
  trial.signal('B', 'SIGSTOP');
  try {
    await trial.restart('A');
    await expect(trial.query('A', 'SELECT 1')).rejects.toMatchObject({ errno: ACCOUNT_IS_LOCKED });
  } finally {
    trial.signal('B', 'SIGCONT');
  }
  await trial.whole();
  await trial.query('A', 'SELECT 1');
});

test('a planned switchover is refused where the copy does not follow', async () => {
  await trial.root('B', 'STOP SLAVE IO_THREAD');
  await expect(trial.callers.switchOver(CLUSTER, 'B')).rejects.toBeInstanceOf(MoveRefused);
  await trial.root('B', 'START SLAVE');
  await trial.whole();
  await trial.kill('B');
  await expect(trial.callers.switchOver(CLUSTER, 'B')).rejects.toBeInstanceOf(MoveRefused);
  await expect(trial.callers.failOver(CLUSTER, 'B')).rejects.toBeInstanceOf(MoveRefused);
  expect(await trial.state()).toMatchObject({ writer: 'A', status: 'available' });
  await trial.insert('A', next);
  await trial.restart('B');
});

test('a switchover whose copy is lost on the way is given up, and the writer takes writes again', async () => {
  await applyLateInB(3);
  await trial.insert('A', next);
  await trial.callers.switchOver(CLUSTER, 'B');
  await until(() => trial.report?.doing === 'switchover to B, at catch-up', 'the wait for the copy');
  await expect(trial.insert('A', next + 1)).rejects.toMatchObject({ code: 'ER_OPTION_PREVENTS_STATEMENT' });
  await trial.kill('B');
  await trial.moved('A');
  await until(() => trial.insert('A', next + 2).then(() => true), 'a writer that takes writes');
  await trial.restart('B');
  await trial.whole();
});
