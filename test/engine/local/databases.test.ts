import { createConnection } from 'mysql2/promise';
import { type MariadbAccounts, type MariadbServer, mariadbEngine } from '../../../local/engines/mariadb';
import { freePort } from '../../../local/system/free-ports';
import type { RunningPart } from '../../../local/system/running-part';
import { Trial, until } from './trial';

const ACCOUNTS: MariadbAccounts = {
  rootPassword: 'root-secret',
  replicationPassword: 'replication-secret',
  application: { user: 'twinkeep', password: 'secret' },
};

const trial = new Trial();
let writer: { server: MariadbServer; part: RunningPart };
let replica: { server: MariadbServer; part: RunningPart };

async function query<Row>(server: MariadbServer, sql: string, user = ACCOUNTS.application): Promise<Row[]> {
  const connection = await createConnection({ host: '127.0.0.1', port: server.port, ...user });
  try {
    return (await connection.query(sql))[0] as Row[];
  } finally {
    connection.destroy();
  }
}

const rows = async (server: MariadbServer) =>
  (await query<{ id: number }>(server, 'SELECT id FROM trial.row ORDER BY id')).map(({ id }) => id);

async function arrives(id: number): Promise<void> {
  await until(async () => (await rows(replica.server).catch((): number[] => [])).includes(id));
}

beforeAll(async () => {
  const tools = await Trial.tools();
  const [writerPort, replicaPort] = [await freePort(), await freePort()];
  const servers: MariadbServer[] = [
    { name: 'a1-A', region: 'A', port: writerPort, serverId: 1, dataDirectory: trial.dataDirectory('a1-A') },
    {
      name: 'a1-B',
      region: 'B',
      port: replicaPort,
      serverId: 2,
      dataDirectory: trial.dataDirectory('a1-B'),
      writerPort,
    },
  ];
  const [first, second] = await Promise.all(
    servers.map(async (server) => ({ server, part: await trial.start(mariadbEngine(server, ACCOUNTS, tools)) })),
  );
  if (first === undefined || second === undefined) throw new Error('two servers were started');
  writer = first;
  replica = second;
  await query(writer.server, 'CREATE DATABASE trial');
  await query(writer.server, 'CREATE TABLE trial.row (id INT PRIMARY KEY)');
});

afterAll(() => trial.end(), 60_000);

test('what the writer commits arrives at the replica, which takes no writes of the application', async () => {
  await query(writer.server, 'INSERT INTO trial.row VALUES (1)');
  await arrives(1);
  await expect(query(replica.server, 'INSERT INTO trial.row VALUES (2)')).rejects.toMatchObject({
    code: 'ER_OPTION_PREVENTS_STATEMENT',
  });
});

test('users are of each server alone: the replica has made no transaction of its own', async () => {
  const [position] = await query<{ own: string; followed: string }>(
    replica.server,
    'SELECT @@gtid_binlog_pos AS own, @@gtid_slave_pos AS followed',
  );
  expect(position?.own).toBe(position?.followed);
});

test('a killed writer comes back with every row, and its replica follows again by itself', async () => {
  await query(writer.server, 'INSERT INTO trial.row VALUES (3)');
  await trial.killAndRestart(writer.part);
  expect(await rows(writer.server)).toContain(3);
  await query(writer.server, 'INSERT INTO trial.row VALUES (4)');
  await arrives(4);
});

test('a killed replica catches up with what was written meanwhile', async () => {
  await trial.killAndRestart(replica.part, async () => {
    await query(writer.server, 'INSERT INTO trial.row VALUES (5)');
  });
  await arrives(5);
  expect(await rows(replica.server)).toEqual(await rows(writer.server));
});

test('root has a password on every address', async () => {
  await expect(query(writer.server, 'SELECT 1', { user: 'root', password: '' })).rejects.toMatchObject({
    code: 'ER_ACCESS_DENIED_ERROR',
  });
});
