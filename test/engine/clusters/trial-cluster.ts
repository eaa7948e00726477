import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { type Clusters as Callers, type ClusterState, createClusters } from '../../../lambdas/failover';
import { Clusters } from '../../../local/clusters';
import type { ClusterRecord } from '../../../local/clusters/record';
import { ensureTools, type Tools } from '../../../local/engines';
import {
  databaseDirectory,
  type MariadbAccounts,
  type MariadbServer,
  mariadbEngine,
} from '../../../local/engines/mariadb';
import { freePort } from '../../../local/system/free-ports';
import { enginePart } from '../../../local/system/part';
import { ProcessRegistry } from '../../../local/system/process-registry';
import { RunningPart } from '../../../local/system/running-part';
import { REGIONS, type Region } from '../../../topology';

export const CLUSTER = 'a1';
const STAGE = 'trial';
export const ACCOUNTS: MariadbAccounts = {
  rootPassword: 'root-secret',
  replicationPassword: 'replication-secret',
  application: { user: 'twinkeep', password: 'secret' },
};
const ROOT = { user: 'root', password: ACCOUNTS.rootPassword };
const PATIENCE_MS = 30_000;

/** Waits for a condition; what cannot be asked does not hold. */
export async function until(holds: () => Promise<boolean> | boolean, what = 'it'): Promise<void> {
  const endsAtMs = performance.now() + PATIENCE_MS;
  let last: unknown;
  while (performance.now() < endsAtMs) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await delay(20);
  }
  throw new Error(`${what} does not come about`, { cause: last });
}

/** The two servers of one cluster and the control plane that keeps them, which can be killed and started again. */
export class TrialCluster {
  readonly directory = mkdtempSync(join(tmpdir(), 'twinkeep-trial-'));
  readonly servers: Readonly<Record<Region, MariadbServer>>;
  readonly #tools: Tools;
  readonly #port: number;
  #parts: Readonly<Record<Region, RunningPart>>;
  #clusters: Clusters;
  /** What functions use, asking from region B. */
  readonly callers: Callers;
  readonly notes: string[] = [];
  /** Called after each change of the record, with what stood there before; may throw. */
  onChange: (before: string | undefined) => void = () => undefined;
  #record: string | undefined;

  private constructor(tools: Tools, ports: { A: number; B: number; api: number }) {
    this.#tools = tools;
    this.#port = ports.api;
    const server = (region: Region, serverId: number): MariadbServer => ({
      name: `${CLUSTER}-${region}`,
      region,
      port: ports[region],
      serverId,
      dataDirectory: join(this.directory, `${CLUSTER}-${region}`),
    });
    this.servers = { A: server('A', 1), B: server('B', 2) };
    this.#clusters = this.#control();
    this.#parts = { A: this.#part('A'), B: this.#part('B') };
    this.callers = createClusters({ region: 'B', stage: STAGE, endpoint: `http://127.0.0.1:${ports.api}` });
  }

  static async start(): Promise<TrialCluster> {
    process.env.AWS_ACCESS_KEY_ID ??= 'AKIATRIAL';
    process.env.AWS_SECRET_ACCESS_KEY ??= 'trial';
    const tools = await ensureTools(() => undefined, new AbortController().signal);
    const ports = { A: await freePort(), B: await freePort(), api: await freePort() };
    const trial = new TrialCluster(tools, ports);
    await trial.#bringUp();
    await trial.query('A', 'CREATE DATABASE trial');
    await trial.query('A', 'CREATE TABLE trial.row (id INT PRIMARY KEY, written_in CHAR(1) NOT NULL)');
    return trial;
  }

  async end(): Promise<void> {
    this.callers.close();
    await this.#takeDown();
    rmSync(this.directory, { recursive: true, force: true });
  }

  get #recordPath(): string {
    return join(this.directory, 'clusters.json');
  }

  /** What stands on disk. */
  readonly readRecord = (): ClusterRecord => {
    const [record] = JSON.parse(readFileSync(this.#recordPath, 'utf8')) as ClusterRecord[];
    if (record === undefined) throw new Error('there is no record');
    return record;
  };

  get snapshots(): Clusters['snapshots'] {
    return this.#clusters.snapshots;
  }

  get report() {
    return this.#clusters.report[0];
  }

  part(region: Region): RunningPart {
    return this.#parts[region];
  }

  roleOf(region: Region): string {
    return this.#clusters.roleOf(`${CLUSTER}-${region}`);
  }

  /** No more than ends the control plane: what it was about to do is not done, its servers run on. */
  abandon(): void {
    void this.#clusters.stop();
  }

  /** As when the process that runs everything was killed: the next start ends what is left, and starts it anew. */
  async comeBack(record?: string): Promise<void> {
    await this.#takeDown();
    if (record !== undefined) writeFileSync(this.#recordPath, record);
    this.#record = undefined;
    this.#clusters = this.#control();
    this.#parts = { A: this.#part('A'), B: this.#part('B') };
    await this.#bringUp();
  }

  signal(region: Region, name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    const { pid } = this.#parts[region];
    if (pid === undefined) throw new Error(`the server in ${region} does not run`);
    process.kill(pid, name);
  }

  async kill(region: Region): Promise<void> {
    this.signal(region, 'SIGKILL');
    await until(() => this.#parts[region].status === 'dead', 'its end');
  }

  restart(region: Region): Promise<void> {
    return this.#parts[region].restart(new AbortController().signal);
  }

  state(): Promise<ClusterState> {
    return this.callers.describe(CLUSTER);
  }

  async moved(to: Region): Promise<void> {
    await until(async () => {
      const { writer, status } = await this.state();
      return writer === to && status === 'available';
    }, `the writer in ${to}`);
  }

  /** Until all is as it should be: one writer, and a copy that follows it. */
  async whole(): Promise<void> {
    await until(async () => {
      const { status, members } = await this.state();
      return status === 'available' && members.every(({ isAvailable }) => isAvailable);
    }, 'a whole cluster');
  }

  async query<Row = RowDataPacket>(region: Region, sql: string, account = ACCOUNTS.application): Promise<Row[]> {
    return queryAt<Row>(this.servers[region].port, sql, account);
  }

  root<Row = RowDataPacket>(region: Region, sql: string): Promise<Row[]> {
    return this.query<Row>(region, sql, ROOT);
  }

  insert(region: Region, id: number): Promise<unknown> {
    return this.query(region, `INSERT INTO trial.row VALUES (${id}, '${region}')`);
  }

  async rows(region: Region): Promise<number[]> {
    const rows = await this.root<{ id: number }>(region, 'SELECT id FROM trial.row ORDER BY id');
    return rows.map(({ id }) => id);
  }

  async position(region: Region): Promise<string> {
    return String((await this.root<{ at: string }>(region, 'SELECT @@GLOBAL.gtid_current_pos AS at'))[0]?.at);
  }

  /** Until the copy in a region has everything that the other one has now. */
  async inStep(region: Region): Promise<void> {
    const far = await this.position(region === 'A' ? 'B' : 'A');
    await until(async () => {
      const [row] = await this.root<{ waited: number }>(region, `SELECT MASTER_GTID_WAIT('${far}', 5) AS waited`);
      return row?.waited === 0;
    }, 'a copy in step');
  }

  /** A server on the data of a snapshot, as whoever reads a tail would start one. */
  async read<Row>(snapshot: { readonly directory: string }, sql: string): Promise<Row[]> {
    const server = { ...this.servers.A, name: 'snapshot', dataDirectory: snapshot.directory, port: await freePort() };
    const part = this.#running(
      mariadbEngine({ ...server, writerPort: 1 }, ACCOUNTS, this.#tools, {
        isOpen: () => false,
        settle: async () => undefined,
      }),
    );
    await part.start(new AbortController().signal);
    try {
      return await queryAt<Row>(server.port, sql, ROOT);
    } finally {
      await part.stop();
    }
  }

  async #bringUp(): Promise<void> {
    const { signal } = new AbortController();
    await Promise.all(REGIONS.map((region) => this.#parts[region].start(signal)));
    await this.#clusters.start();
  }

  async #takeDown(): Promise<void> {
    await this.#clusters.stop();
    await Promise.all(REGIONS.map((region) => this.#parts[region].stop()));
  }

  #control(): Clusters {
    const of = (name: string) => this.servers[name === `${CLUSTER}-A` ? 'A' : 'B'];
    const partOf = (name: string) => this.#parts[of(name).region];
    return new Clusters({
      clusters: [{ cluster: CLUSTER, home: 'A' }],
      stage: STAGE,
      accountId: '000000000000',
      directory: this.directory,
      port: this.#port,
      accounts: ACCOUNTS,
      programs: { dump: this.#tools.mariadbDump, load: this.#tools.mariadbClient },
      portOf: (name) => of(name).port,
      databaseDirectoryOf: (name) => databaseDirectory(of(name)),
      followedPort: (_replica, writer) => of(writer).port,
      processOf: (name) => ({
        isRunning: () => partOf(name).pid !== undefined,
        standStill: (between) => partOf(name).standStill(between),
        restart: (between) => partOf(name).restart(new AbortController().signal, between),
      }),
      isLost: (region) => this.#parts[region].pid === undefined,
      note: (message) => this.notes.push(message),
      onChange: () => {
        const before = this.#record;
        this.#record = readFileSync(this.#recordPath, 'utf8');
        this.onChange(before);
      },
    });
  }

  #part(region: Region): RunningPart {
    const server = this.servers[region];
    return this.#running(mariadbEngine(server, ACCOUNTS, this.#tools, this.#clusters.serverKeeper(server.name)));
  }

  #running(definition: Parameters<typeof enginePart>[0]): RunningPart {
    return new RunningPart(enginePart(definition), {
      logDirectory: join(this.directory, 'logs'),
      registry: new ProcessRegistry(join(this.directory, `${definition.name}.processes.json`)),
      onChange: () => undefined,
    });
  }
}

async function queryAt<Row>(port: number, sql: string, account: { user: string; password: string }): Promise<Row[]> {
  const { user, password } = account;
  const connection = await createConnection({ host: '127.0.0.1', port, user, password, connectTimeout: 2000 });
  try {
    return (await connection.query(sql))[0] as Row[];
  } finally {
    connection.destroy();
  }
}
