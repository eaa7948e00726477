import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeDBClusterSnapshotsCommand,
  DescribeGlobalClustersCommand,
  FailoverGlobalClusterCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { isProblem } from '../../../lambdas/core';
import { type Clusters as Callers, createClusters, MoveRefused } from '../../../lambdas/failover';
import { Clusters } from '../../../local/clusters';
import type { ClusterRecord } from '../../../local/clusters/record';
import { Snapshots } from '../../../local/clusters/snapshots';
import { readWhole } from '../../../local/front/exchange';
import { freePort } from '../../../local/system/free-ports';
import type { Region } from '../../../topology';

const credentials = { accessKeyId: 'AKIATRIAL', secretAccessKey: 'trial' };
const ACCOUNT = '000000000000';
const arn = (region: Region) =>
  `arn:aws:rds:${region === 'A' ? 'us-east-1' : 'us-east-2'}:${ACCOUNT}:cluster:twinkeep-test-${region.toLowerCase()}-a1`;

let directory: string;
let port: number;
let clusters: Clusters;
let callers: Callers;
let rds: RDSClient;
let lost: readonly Region[];

/** The API of a cluster with such a record, whose servers do not run. */
async function serve(record?: Partial<ClusterRecord>): Promise<void> {
  const founding: ClusterRecord = { cluster: 'a1', writer: 'A', standing: { kind: 'following' } };
  writeFileSync(join(directory, 'clusters.json'), JSON.stringify([{ ...founding, ...record }]));
  const nobody = await freePort();
  clusters = new Clusters({
    clusters: [{ cluster: 'a1', home: 'A' }],
    stage: 'test',
    accountId: ACCOUNT,
    directory,
    port,
    accounts: { rootPassword: '', replicationPassword: '', application: { user: 'x', password: 'x' } },
    programs: { dump: '/bin/false', load: '/bin/false' },
    portOf: () => nobody,
    databaseDirectoryOf: (server) => join(directory, server),
    followedPort: () => nobody,
    processOf: () => ({
      isRunning: () => false,
      standStill: async () => undefined,
      restart: () => Promise.reject(new Error('it does not run')),
    }),
    isLost: (region) => lost.includes(region),
    note: () => undefined,
    onChange: () => undefined,
  });
  await clusters.start();
}

beforeEach(async () => {
  process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
  directory = mkdtempSync(join(tmpdir(), 'twinkeep-clusters-'));
  port = await freePort();
  lost = [];
  const endpoint = `http://127.0.0.1:${port}`;
  callers = createClusters({ region: 'A', stage: 'test', endpoint });
  rds = new RDSClient({ region: 'us-east-1', endpoint, credentials, maxAttempts: 1 });
});

afterEach(async () => {
  callers.close();
  rds.destroy();
  await clusters.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('RDS tells of a global cluster what its client understands', async () => {
  await serve({ move: { kind: 'failover', to: 'B', step: 'apply', position: '0-1-2' } });
  const { GlobalClusters } = await rds.send(
    new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: 'Twinkeep-Test-A1' }),
  );
  expect(GlobalClusters).toEqual([
    {
      GlobalClusterIdentifier: 'twinkeep-test-a1',
      GlobalClusterArn: `arn:aws:rds::${ACCOUNT}:global-cluster:twinkeep-test-a1`,
      Status: 'failing-over',
      Engine: 'aurora-mysql',
      GlobalClusterMembers: [
        { DBClusterArn: arn('A'), IsWriter: true, Readers: [arn('B')], SynchronizationStatus: 'pending-resync' },
        { DBClusterArn: arn('B'), IsWriter: false, Readers: [], SynchronizationStatus: 'pending-resync' },
      ],
      FailoverState: {
        Status: 'failing-over',
        FromDbClusterArn: arn('A'),
        ToDbClusterArn: arn('B'),
        IsDataLossAllowed: true,
      },
    },
  ]);
});

test('the state of a cluster is told by regions', async () => {
  await serve();
  expect(await callers.describe('a1')).toEqual({
    writer: 'A',
    status: 'available',
    members: [
      { region: 'A', isAvailable: false },
      { region: 'B', isAvailable: false },
    ],
  });
});

test('a move that is under way is begun again by nobody, and in no other direction', async () => {
  await serve({ move: { kind: 'failover', to: 'B', step: 'apply', position: '0-1-2' } });
  await callers.failOver('a1', 'B');
  await callers.switchOver('a1', 'B');
  await expect(callers.switchOver('a1', 'A')).rejects.toBeInstanceOf(MoveRefused);
  expect(await callers.describe('a1')).toMatchObject({ writer: 'A', status: 'moving' });
});

test('a move to where the writer is changes nothing', async () => {
  await serve();
  await callers.failOver('a1', 'A');
  await callers.switchOver('a1', 'A');
  expect(await callers.describe('a1')).toMatchObject({ writer: 'A', status: 'available' });
});

test('a move is refused to a server that does not answer', async () => {
  await serve();
  await expect(callers.failOver('a1', 'B')).rejects.toThrow('The target does not answer');
  await expect(callers.switchOver('a1', 'B')).rejects.toThrow('not in step');
});

test('race 22: nothing is moved for one who does not want it any more when the cluster has been looked at', async () => {
  await serve();
  let looks = 0;
  const isWanted = async () => {
    looks += 1;
    return false;
  };
  // Asked for by one who wants it, RDS says that the target does not answer.
  await expect(callers.failOver('a1', 'B', isWanted)).rejects.toThrow('not wanted any more');
  expect(looks).toBe(1);
});

test('the other region is asked where the own one is lost, and nobody where both are', async () => {
  await serve();
  lost = ['A'];
  expect(await callers.describe('a1')).toMatchObject({ writer: 'A' });
  lost = ['A', 'B'];
  const refusal = await callers.describe('a1').catch((error: unknown) => error);
  expect(isProblem(refusal, 'UNAVAILABLE')).toBe(true);
});

test('calls that nobody can mean are refused as RDS refuses them', async () => {
  await serve();
  const failover = { GlobalClusterIdentifier: 'twinkeep-test-a1', TargetDbClusterIdentifier: arn('B') };
  const refused = (change: object) =>
    expect(rds.send(new FailoverGlobalClusterCommand({ ...failover, ...change }))).rejects;
  await refused({ GlobalClusterIdentifier: 'twinkeep-test-a2' }).toMatchObject({ name: 'GlobalClusterNotFoundFault' });
  await refused({ TargetDbClusterIdentifier: `${arn('B')}x` }).toMatchObject({ name: 'DBClusterNotFoundFault' });
  await refused({ AllowDataLoss: true, Switchover: true }).toMatchObject({ name: 'InvalidParameterCombination' });
  await refused({ AllowDataLoss: true }).toMatchObject({ name: 'InvalidDBClusterStateFault' });
});

test('what was kept aside is listed in its region, with the place where it stands', async () => {
  await serve();
  const snapshots = new Snapshots(join(directory, 'snapshots'));
  const snapshot = {
    id: 'rds:unplanned-global-failover-twinkeep-test-a-a1-2025-06-01-00-00-00',
    cluster: 'a1',
    region: 'A',
    position: '0-1-9',
    sharedUntil: '0-1-7',
    takenAt: '2025-06-01T00:00:00.000Z',
  } as const;
  const database = join(directory, 'a1-A', 'database');
  mkdirSync(database, { recursive: true });
  writeFileSync(join(database, 'rows'), 'what only the old writer had');
  snapshots.keep(snapshot, database);
  // What stands there by now is not the same data.
  mkdirSync(database, { recursive: true });
  snapshots.keep(snapshot, database);
  const { DBClusterSnapshots } = await rds.send(new DescribeDBClusterSnapshotsCommand({}));
  expect(DBClusterSnapshots).toMatchObject([
    {
      DBClusterSnapshotIdentifier: snapshot.id,
      DBClusterIdentifier: 'twinkeep-test-a-a1',
      SnapshotCreateTime: new Date(snapshot.takenAt),
      TagList: [
        { Key: 'directory', Value: snapshots.directoryOf(snapshot) },
        { Key: 'position', Value: '0-1-9' },
      ],
    },
  ]);
  expect(clusters.snapshots).toEqual([{ ...snapshot, directory: snapshots.directoryOf(snapshot) }]);
  expect(existsSync(join(snapshots.directoryOf(snapshot), 'database', 'rows'))).toBe(true);
});

test('what was kept is found on whatever page of the snapshots of the account it stands', async () => {
  await serve();
  const kept = 'rds:unplanned-global-failover-twinkeep-test-a-a1-2025-06-01-00-00-00';
  const listed = (id: string, of: string) =>
    `<DBClusterSnapshot><DBClusterSnapshotIdentifier>${id}</DBClusterSnapshotIdentifier><DBClusterIdentifier>${of}</DBClusterIdentifier></DBClusterSnapshot>`;
  const pages: Readonly<Record<string, string>> = {
    '': `<Marker>2</Marker><DBClusterSnapshots>${listed('rds:daily-1', 'of-others')}</DBClusterSnapshots>`,
    '2': `<DBClusterSnapshots>${listed(kept, 'twinkeep-test-a-a1')}</DBClusterSnapshots>`,
  };
  const account = createServer(async (request, response) => {
    const page = pages[new URLSearchParams((await readWhole(request)).toString()).get('Marker') ?? ''];
    response.setHeader('content-type', 'text/xml');
    response.end(
      `<DescribeDBClusterSnapshotsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBClusterSnapshotsResult>${page}</DescribeDBClusterSnapshotsResult></DescribeDBClusterSnapshotsResponse>`,
    );
  });
  const where = await freePort();
  await new Promise<void>((resolve) => account.listen(where, '127.0.0.1', () => resolve()));
  const asking = createClusters({ region: 'A', stage: 'test', endpoint: `http://127.0.0.1:${where}` });
  try {
    expect(await asking.kept('A')).toEqual([{ id: kept, cluster: 'a1', region: 'A' }]);
  } finally {
    asking.close();
    account.closeAllConnections();
    account.close();
  }
});
