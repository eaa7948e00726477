import { createConnection } from 'mysql2/promise';
import { systemClock } from '../../../lambdas/core';
import { createShards, type Shards } from '../../../lambdas/shards';
import { ensureTools } from '../../../local/engines';
import { mariadbEngine } from '../../../local/engines/mariadb';
import { freePort, startScratchEngine } from '../../support/scratch-engine';

export const EPOCH = 7;

export interface Database {
  readonly shards: Shards;
  readonly pid: number;
  /** Statements beside the room, as an operator or a failover would send them. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** A second connection that holds what it locks until it is released. */
  hold(sql: string): Promise<{ release(): Promise<void> }>;
  grantLease(ms: number): Promise<unknown>;
  stop(): Promise<void>;
}

/** A writer of its own with both units' schemas, founded in `EPOCH`. */
export async function startDatabase(): Promise<Database> {
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
  const address = { host: '127.0.0.1', port };
  const shards = createShards({
    endpoints: { a1: { A: address, B: address }, b1: { A: address, B: address } },
    secrets: application,
    connections: 8,
    clock: systemClock,
  });
  await shards.provision({ name: 'a1', epoch: EPOCH, writer: 'A' });
  const open = () => createConnection({ ...address, ...application, supportBigNumbers: true, dateStrings: true });
  const control = await open();
  const query = async (sql: string) => (await control.query(sql))[0] as Record<string, unknown>[];
  return {
    shards,
    pid: engine.pid,
    query,
    hold: async (sql) => {
      const connection = await open();
      await connection.query('START TRANSACTION');
      await connection.query(sql);
      return {
        release: async () => {
          await connection.query('ROLLBACK');
          await connection.end();
        },
      };
    },
    grantLease: (ms) =>
      query(`UPDATE twinkeep.lease SET lease_until = SYSDATE(6) + INTERVAL ${ms * 1000} MICROSECOND,
        heartbeat_at = SYSDATE(6), epoch = ${EPOCH} WHERE unit = 'a1'`),
    stop: async () => {
      await shards.close();
      await control.end();
      await engine.stop();
    },
  };
}
