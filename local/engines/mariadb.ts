import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import type { Region } from '../../topology';
import type { EngineDefinition } from './definition';
import type { Tools } from './install';
import { runProgram } from './install/run-program';

export interface MariadbAccounts {
  readonly rootPassword: string;
  readonly replicationPassword: string;
  readonly application: { readonly user: string; readonly password: string };
}

export interface MariadbServer {
  readonly name: string;
  readonly region: Region;
  readonly port: number;
  readonly serverId: number;
  readonly dataDirectory: string;
  /** Port of the server that it follows; absent on a writer. */
  readonly writerPort?: number;
}

/** Tells a server what it is to be, where its role may change while the system lives. */
export interface ServerKeeper {
  /** Whether it takes callers of the application. */
  isOpen(): boolean;
  /** Has it take writes, or follow its writer, once it runs. @throws Error while that is not possible */
  settle(): Promise<void>;
}

export const REPLICATION_USER = 'replicator';
const MAX_CONNECTIONS = 600;
const LOG_FILE_SIZE = '64M';
const CONNECT_TIMEOUT_MS = 3000;

/** No right that would let the application write to a replica, as Aurora gives none. */
const APPLICATION_RIGHTS =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE TEMPORARY TABLES, LOCK TABLES, ' +
  'CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, TRIGGER, EVENT, PROCESS, BINLOG MONITOR, SLAVE MONITOR';

/** Statements that the server runs before it takes connections; each stands on a line of its own. */
export function initialStatements(accounts: MariadbAccounts, isOpen = true): string {
  const { user, password } = accounts.application;
  const ensure = (account: string, secret: string) => [
    `CREATE USER IF NOT EXISTS ${account};`,
    `ALTER USER ${account} IDENTIFIED BY '${secret}';`,
  ];
  return [
    // Every server has its own users: nothing of this may travel to a replica.
    'SET SESSION sql_log_bin=0;',
    ...["'root'@'localhost'", "'root'@'127.0.0.1'"].flatMap((root) => [
      ...ensure(root, accounts.rootPassword),
      `GRANT ALL PRIVILEGES ON *.* TO ${root} WITH GRANT OPTION;`,
    ]),
    "DROP USER IF EXISTS 'root'@'::1';",
    ...ensure(`'${REPLICATION_USER}'@'127.0.0.1'`, accounts.replicationPassword),
    `GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '${REPLICATION_USER}'@'127.0.0.1';`,
    ...ensure(`'${user}'@'127.0.0.1'`, password),
    `GRANT ${APPLICATION_RIGHTS} ON *.* TO '${user}'@'127.0.0.1';`,
    `ALTER USER '${user}'@'127.0.0.1' ACCOUNT ${isOpen ? 'UNLOCK' : 'LOCK'};`,
    '',
  ].join('\n');
}

export function databaseDirectory(server: Pick<MariadbServer, 'dataDirectory'>): string {
  return join(server.dataDirectory, 'database');
}

function temporaryDirectory(server: MariadbServer): string {
  return join(server.dataDirectory, 'temporary');
}

function initFile(server: MariadbServer): string {
  return join(server.dataDirectory, 'init.sql');
}

/** The server refuses to run as root unless it is told to. */
function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

/** @param beginsReadOnly until it is told to take writes */
export function serverArguments(server: MariadbServer, beginsReadOnly: boolean): string[] {
  return [
    '--no-defaults',
    ...asRoot(),
    `--datadir=${databaseDirectory(server)}`,
    `--tmpdir=${temporaryDirectory(server)}`,
    `--init-file=${initFile(server)}`,
    `--port=${server.port}`,
    '--bind-address=127.0.0.1',
    // Relative to the data directory: the full path may be longer than a socket's address can be.
    '--socket=m.sock',
    '--pid-file=m.pid',
    `--server-id=${server.serverId}`,
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_bin',
    '--transaction-isolation=READ-COMMITTED',
    '--innodb-snapshot-isolation=ON',
    '--innodb-lock-wait-timeout=1',
    '--innodb-buffer-pool-size=128M',
    `--innodb-log-file-size=${LOG_FILE_SIZE}`,
    '--innodb-flush-log-at-trx-commit=1',
    '--max-allowed-packet=64M',
    `--max-connections=${MAX_CONNECTIONS}`,
    '--log-bin=binlog',
    '--relay-log=relay',
    '--binlog-format=ROW',
    '--sync-binlog=1',
    '--expire-logs-days=3',
    '--gtid-strict-mode=1',
    '--log-slave-updates=1',
    '--relay-log-recovery=1',
    '--slave-parallel-threads=4',
    '--slave-net-timeout=10',
    // A replica waits for its writer however long that is down.
    '--master-retry-count=0',
    // The writer's port may have changed since; `configure` starts replication.
    '--skip-slave-start',
    ...(beginsReadOnly ? ['--read-only=1'] : []),
  ];
}

async function connectAsRoot(server: MariadbServer, accounts: MariadbAccounts): Promise<Connection> {
  return createConnection({
    host: '127.0.0.1',
    port: server.port,
    user: 'root',
    password: accounts.rootPassword,
    connectTimeout: CONNECT_TIMEOUT_MS,
  });
}

async function layOut(server: MariadbServer, tools: Tools, signal: AbortSignal): Promise<void> {
  // Temporary tables of two servers that share a directory take each other's names.
  await mkdir(temporaryDirectory(server), { recursive: true });
  const database = databaseDirectory(server);
  if (existsSync(database)) return;
  // Built beside and renamed, so that what an interruption leaves is never taken for a database.
  const fresh = `${database}.new`;
  await rm(fresh, { recursive: true, force: true });
  await runProgram(
    tools.mariadbInstallDb,
    [
      '--no-defaults',
      ...asRoot(),
      `--datadir=${fresh}`,
      `--tmpdir=${temporaryDirectory(server)}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      `--innodb-log-file-size=${LOG_FILE_SIZE}`,
    ],
    { signal },
  );
  await rename(fresh, database);
}

async function follow(connection: Connection, writerPort: number, password: string): Promise<void> {
  await connection.query('STOP SLAVE');
  await connection.query(
    `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${writerPort}, MASTER_USER='${REPLICATION_USER}',
       MASTER_PASSWORD='${password}', MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=2`,
  );
  await connection.query('START SLAVE');
}

/**
 * A database server of one cluster in one region: its writer, or the asynchronous replica of it.
 * @param keeper where its role may change; without one it keeps that with which it is defined
 */
export function mariadbEngine(
  server: MariadbServer,
  accounts: MariadbAccounts,
  tools: Tools,
  keeper?: ServerKeeper,
): EngineDefinition {
  const withRoot = async (act: (connection: Connection) => Promise<unknown>) => {
    const connection = await connectAsRoot(server, accounts);
    try {
      await act(connection);
    } finally {
      connection.destroy();
    }
  };
  return {
    name: server.name,
    kind: 'mariadb',
    region: server.region,
    role: server.writerPort === undefined ? 'writer' : 'replica',
    port: server.port,
    ports: [server.port],
    dataDirectory: server.dataDirectory,
    memoryMb: 160,
    readyTimeoutMs: 60_000,
    prepare: async (signal) => {
      await layOut(server, tools, signal);
      await writeFile(initFile(server), initialStatements(accounts, keeper?.isOpen()), { mode: 0o600 });
    },
    launch: () => ({
      command: tools.mariadbd,
      arguments: serverArguments(server, keeper !== undefined || server.writerPort !== undefined),
    }),
    check: () => withRoot((connection) => connection.query('SELECT 1')),
    configure: async () => {
      const { writerPort } = server;
      if (keeper !== undefined) return keeper.settle();
      if (writerPort === undefined) return;
      await withRoot((connection) => follow(connection, writerPort, accounts.replicationPassword));
    },
  };
}

/** What a server held when it was kept aside, for whoever reads it: it follows nobody, and takes no writes. */
export function keptMariadbEngine(server: MariadbServer, accounts: MariadbAccounts, tools: Tools): EngineDefinition {
  return mariadbEngine(server, accounts, tools, { isOpen: () => true, settle: async () => undefined });
}
