import { setTimeout as pause } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { systemClock } from '../../../lambdas/core';
import { createShards, type Shards } from '../../../lambdas/shards';
import { ensureTools } from '../../../local/engines';
import { mariadbEngine } from '../../../local/engines/mariadb';
import { freePort, type ScratchEngine, startScratchEngine } from '../../support/scratch-engine';
import { withStarted } from '../../support/together';

export const EPOCH = 7;

export interface Database {
  readonly shards: Shards;
  readonly pid: number;
  /** Statements beside the room, as an operator or a failover would send them. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** As the server's own administrator. */
  administer(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** A second connection that holds what it locks until it is released or commits. */
  hold(sql: string): Promise<Held>;
  /** Resolves once somebody waits for a lock. */
  untilSomebodyWaits(): Promise<void>;
  grantLease(ms: number): Promise<unknown>;
  stop(): Promise<void>;
}

/** The server's list of transactions is made anew only for whoever did not ask for it lately. */
const TRANSACTIONS_STAND_MS = 120;

export interface Held {
  run(sql: string): Promise<unknown>;
  commit(): Promise<void>;
  release(): Promise<void>;
}

/**
 * A writer of its own with the schemas of unit `a1`, founded in `EPOCH`.
 *
 * @param lockWaitS how long statements wait for locks: longer than in production where a test looks at who waits
 */
export async function startDatabase({ lockWaitS = 1 } = {}): Promise<Database> {
  const tools = await ensureTools(() => undefined, new AbortController().signal);
  const port = await freePort();
  const application = { user: 'twinkeep', password: 'for-tests-only' };
  const engine = await startScratchEngine((dataDirectory) =>
    mariadbEngine(
      { name: 'scratch', region: 'A', port, serverId: 1, dataDirectory },
      { rootPassword: 'root-for-tests', replicationPassword: 'replica-for-tests', application },
      tools,
    ),
  );
  return withStarted(engine, () => openDatabase(engine, port, application, lockWaitS));
}

async function openDatabase(
  engine: ScratchEngine,
  port: number,
  application: { user: string; password: string },
  lockWaitS: number,
): Promise<Database> {
  const address = { host: '127.0.0.1', port };
  const root = await createConnection({ ...address, user: 'root', password: 'root-for-tests' });
  await root.query(`SET GLOBAL innodb_lock_wait_timeout = ${lockWaitS}`);
  const shards = createShards({
    endpoints: { a1: { A: address, B: address }, b1: { A: address, B: address } },
    secrets: application,
    connections: 8,
    clock: systemClock,
  });
  await shards.provision({ name: 'a1', epoch: EPOCH, writer: 'A' });
  const open = () => createConnection({ ...address, ...application, supportBigNumbers: true, dateStrings: true });
  const control = await open();
  const administer = async (sql: string) => (await root.query(sql))[0] as Record<string, unknown>[];
  const query = async (sql: string) => (await control.query(sql))[0] as Record<string, unknown>[];
  return {
    shards,
    pid: engine.pid,
    query,
    administer,
    hold: async (sql) => {
      const connection = await open();
      const end = async (how: 'COMMIT' | 'ROLLBACK') => {
        await connection.query(how);
        await connection.end();
      };
      await connection.query('START TRANSACTION');
      await connection.query(sql);
      return { run: (more) => connection.query(more), commit: () => end('COMMIT'), release: () => end('ROLLBACK') };
    },
    untilSomebodyWaits: async () => {
      const sql = "SELECT COUNT(*) AS n FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
      // Paused before the first look too: it might be shown what an earlier test was told.
      do await pause(TRANSACTIONS_STAND_MS);
      while (Number((await administer(sql))[0]?.n) === 0);
    },
    grantLease: (ms) =>
      query(`UPDATE twinkeep.lease SET lease_until = SYSDATE(6) + INTERVAL ${ms * 1000} MICROSECOND,
        heartbeat_at = SYSDATE(6), epoch = ${EPOCH} WHERE unit = 'a1'`),
    stop: async () => {
      await shards.close();
      await control.end();
      await root.end();
      await engine.stop();
    },
  };
}
