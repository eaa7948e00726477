import type { ClusterRecord } from '../../../local/clusters/record';
import { CLUSTER, TrialCluster, until } from './trial-cluster';

let trial: TrialCluster;
let next = 1;

beforeAll(async () => {
  trial = await TrialCluster.start();
}, 240_000);

afterAll(() => trial.end(), 60_000);

beforeEach(async () => {
  next += 1000;
  await trial.whole();
});

interface Killing {
  /** What stood on disk when the control plane was killed. */
  before: string | undefined;
}

/** Kills the control plane after it did what leads to such a record, and before that is on disk. */
function killBefore(isMeant: (record: ClusterRecord) => boolean): Killing {
  const killing: Killing = { before: undefined };
  const { readRecord } = trial;
  trial.onChange = (before) => {
    if (!isMeant(readRecord()) || before === undefined) return;
    killing.before = before;
    trial.onChange = () => undefined;
    trial.abandon();
    throw new Error('killed');
  };
  return killing;
}

async function comesBack(killing: Killing): Promise<void> {
  await until(() => killing.before !== undefined, 'that the control plane was killed');
  await trial.comeBack(killing.before);
  await trial.whole();
}

/** There is one writer, and the other has what it has. */
async function expectOneWriter(): Promise<void> {
  const writer = trial.roleOf('A') === 'writer' ? 'A' : 'B';
  const other = writer === 'A' ? 'B' : 'A';
  await trial.insert(writer, next + 900);
  await expect(trial.insert(other, next + 901)).rejects.toMatchObject({ code: 'ER_OPTION_PREVENTS_STATEMENT' });
  await trial.inStep(other);
  expect(await trial.rows(other)).toEqual(await trial.rows(writer));
}

test.each<[string, (record: ClusterRecord) => boolean]>([
  ['the writer was paused', ({ move }) => move?.step === 'catch-up'],
  ['the other was promoted', ({ move, standing }) => move === undefined && standing.kind === 'apart'],
])(
  'a switchover goes on where it was when all was killed after %s',
  async (_, isMeant) => {
    const from = trial.roleOf('A') === 'writer' ? 'A' : 'B';
    const to = from === 'A' ? 'B' : 'A';
    const written = [next, next + 1, next + 2];
    for (const id of written) await trial.insert(from, id);
    const killing = killBefore((record) => isMeant(record));
    // It may be killed before it has answered.
    await trial.callers.switchOver(CLUSTER, to).catch(() => undefined);
    await comesBack(killing);
    expect(trial.roleOf(to)).toBe('writer');
    expect(await trial.rows(to)).toEqual(expect.arrayContaining(written));
    await expectOneWriter();
    expect(trial.snapshots).toEqual([]);
  },
  90_000,
);

test.each<[string, (record: ClusterRecord) => boolean]>([
  ['receiving was stopped', ({ move }) => move?.step === 'apply'],
  ['its data was kept aside', ({ standing }) => standing.kind === 'empty'],
  ['it was cloned', ({ move, standing }) => move === undefined && standing.kind === 'following'],
])(
  'a failover from a writer with a tail goes on where it was when all was killed after %s',
  async (_, isMeant) => {
    const from = trial.roleOf('A') === 'writer' ? 'A' : 'B';
    const to = from === 'A' ? 'B' : 'A';
    const known = trial.snapshots.length;
    const written = [next, next + 1];
    for (const id of written) await trial.insert(from, id);
    await trial.inStep(to);
    await trial.root(to, 'STOP SLAVE IO_THREAD');
    await trial.insert(from, next + 2);
    await trial.kill(from);
    const killing = killBefore((record) => isMeant(record));
    await trial.callers.failOver(CLUSTER, to).catch(() => undefined);
    await until(() => killing.before !== undefined || trial.roleOf(to) === 'writer', 'a new writer');
    if (killing.before === undefined) await trial.restart(from);
    await comesBack(killing);
    expect(trial.roleOf(to)).toBe('writer');
    const rows = await trial.rows(to);
    expect(rows).toEqual(expect.arrayContaining(written));
    await expectOneWriter();
    // What only the old writer had is in one place or in the other.
    expect(trial.snapshots.length - known).toBe(rows.includes(next + 2) ? 0 : 1);
  },
  120_000,
);
