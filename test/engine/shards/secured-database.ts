import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { type Account, systemClock, type Tls } from '../../../lambdas/core';
import { createShards, type Shards } from '../../../lambdas/shards';
import { ensureTools } from '../../../local/engines';
import { mariadbEngine } from '../../../local/engines/mariadb';
import type { Certificate } from '../../support/certificate';
import { freePort, startScratchEngine } from '../../support/scratch-engine';

const MASTER: Account = { user: 'root', password: 'root-for-tests' };
const OTHER: Account = { user: 'unconcerned', password: 'other-for-tests' };

export interface EmptyServer {
  readonly port: number;
  /** The rooms of an environment that knows this account and, if told so, the master's. */
  open(account: Account, options: { tls: Tls | undefined; master?: Account; host?: string }): Shards;
  /** A connection beside the room. */
  connect(account: Account, isEncrypted: boolean): Promise<Connection>;
  administer(sql: string): Promise<readonly RowDataPacket[]>;
  stop(): Promise<void>;
}

/** A server that knows its master only, and speaks TLS where it has a certificate. */
export async function startEmptyServer(certificate?: Certificate): Promise<EmptyServer & { readonly master: Account }> {
  const tools = await ensureTools(() => undefined, new AbortController().signal);
  const port = await freePort();
  const secured =
    certificate === undefined
      ? ['--skip-ssl']
      : [`--ssl-cert=${certificate.certificateFile}`, `--ssl-key=${certificate.keyFile}`];
  const engine = await startScratchEngine((dataDirectory) => {
    const plain = mariadbEngine(
      { name: 'empty', region: 'A', port, serverId: 1, dataDirectory },
      { rootPassword: MASTER.password, replicationPassword: 'replica-for-tests', application: OTHER },
      tools,
    );
    const { command, arguments: parameters } = plain.launch();
    return { ...plain, launch: () => ({ command, arguments: [...parameters, ...secured] }) };
  });
  const root = await createConnection({ host: '127.0.0.1', port, ...MASTER });
  const opened: Shards[] = [];
  return {
    port,
    master: MASTER,
    open(account, { tls, master, host = 'localhost' }) {
      const address = { host, port, tls };
      const endpoints = { a1: { A: address, B: address } };
      const masters = master === undefined ? undefined : { a1: master };
      const shards = createShards({ endpoints, secrets: account, masters, connections: 2, clock: systemClock });
      opened.push(shards);
      return shards;
    },
    connect: (account, isEncrypted) =>
      createConnection({
        host: '127.0.0.1',
        port,
        ...account,
        ...(isEncrypted ? { ssl: { rejectUnauthorized: false } } : {}),
      }),
    administer: async (sql) => (await root.query<RowDataPacket[]>(sql))[0],
    async stop() {
      await Promise.all(opened.map((shards) => shards.close()));
      await root.end();
      await engine.stop();
    },
  };
}
