/**
 * Stands for what AWS does to the databases: answers the RDS API of both regions, moves writers, and brings former writers
 * back as replicas. What it decides is on disk; it may be killed at any moment, and goes on where it was.
 */
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AWS_REGIONS, otherRegion, REGIONS, type Region } from '../../topology';
import type { MariadbAccounts, ServerKeeper } from '../engines/mariadb';
import { AwsFailure, asAwsFailure, serviceUnavailable, writeAwsFailure } from '../front/aws-error';
import { readWhole } from '../front/exchange';
import { signedScope } from '../front/scope';
import { answerCall } from './calls';
import { Database } from './database';
import { type ClusterReport, Keeper, type Member, type Note } from './keeper';
import { foundingRecord, type Snapshot } from './record';
import { Records } from './records';
import { Snapshots } from './snapshots';

export type { ClusterReport } from './keeper';
export type { Snapshot } from './record';

const LOOK_EVERY_MS = 50;

/** A server's process, as whoever runs it has it. */
export interface ServerProcess extends Pick<Member, 'isRunning' | 'standStill' | 'restart'> {}

export interface ClusterSettings {
  /** Every cluster, and where its writer stands until it is moved. */
  readonly clusters: readonly { readonly cluster: string; readonly home: Region }[];
  readonly stage: string;
  readonly accountId: string;
  /** Where records and snapshots stand. */
  readonly directory: string;
  readonly port: number;
  readonly accounts: MariadbAccounts;
  readonly programs: { readonly dump: string; readonly load: string };
  /** Of the server `<cluster>-<region>`. */
  readonly portOf: (server: string) => number;
  readonly databaseDirectoryOf: (server: string) => string;
  /** Where a server finds the one that it follows. */
  readonly followedPort: (replica: string, writer: string) => number;
  readonly processOf: (server: string) => ServerProcess;
  /** A region in which nothing runs answers no call either. */
  readonly isLost: (region: Region) => boolean;
  readonly note: Note;
  /** Called whenever a role, a move or a standing changed. */
  readonly onChange: () => void;
}

/** The clusters of a local system. */
export class Clusters {
  readonly #settings: ClusterSettings;
  readonly #keepers: ReadonlyMap<string, Keeper>;
  readonly #snapshots: Snapshots;
  readonly #server: Server;
  readonly #lifetime = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(settings: ClusterSettings) {
    this.#settings = settings;
    this.#snapshots = new Snapshots(join(settings.directory, 'snapshots'));
    const founding = settings.clusters.map(({ cluster, home }) => foundingRecord(cluster, home));
    const records = new Records(join(settings.directory, 'clusters.json'), founding);
    this.#keepers = new Map(founding.map(({ cluster }) => [cluster, this.#keeper(cluster, records)]));
    this.#server = createServer((request, response) => {
      const fail = (error: unknown) => writeAwsFailure(request, response, asAwsFailure(error));
      readWhole(request)
        .then((body) => this.#answer(request.headers.authorization, body.toString('utf8')))
        .then((xml) => {
          response.writeHead(200, { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(xml) });
          response.end(xml);
        })
        .catch(fail);
    });
  }

  /** Begins to answer, and to see to the clusters. @throws Error if the port is taken */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#settings.port, '127.0.0.1', () => resolve());
    });
    const { signal } = this.#lifetime;
    this.#running = Promise.all([...this.#keepers.values()].map((keeper) => keeper.run(signal)));
  }

  /** Until no move is under way, or the time is up. */
  async untilSettled(timeoutMs: number): Promise<void> {
    const endsAtMs = performance.now() + timeoutMs;
    const isMoving = () => [...this.#keepers.values()].some(({ record }) => record.move !== undefined);
    while (isMoving() && performance.now() < endsAtMs && !this.#lifetime.signal.aborted) await delay(LOOK_EVERY_MS);
  }

  /** Leaves everything as it is. */
  async stop(): Promise<void> {
    this.#lifetime.abort();
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#running;
  }

  roleOf(server: string): 'writer' | 'replica' {
    const { keeper, region } = this.#at(server);
    return keeper.record.writer === region ? 'writer' : 'replica';
  }

  /** What a server asks while it starts. */
  serverKeeper(server: string): ServerKeeper {
    const { keeper, region } = this.#at(server);
    return { isOpen: () => keeper.isOpen(region), settle: () => keeper.settle(region) };
  }

  get report(): readonly ClusterReport[] {
    return [...this.#keepers.values()].map((keeper) => keeper.report);
  }

  get snapshots(): readonly (Snapshot & { readonly directory: string })[] {
    return this.#snapshots.list().map((one) => ({ ...one, directory: this.#snapshots.directoryOf(one) }));
  }

  #at(server: string): { keeper: Keeper; region: Region } {
    for (const [cluster, keeper] of this.#keepers) {
      const region = REGIONS.find((name) => `${cluster}-${name}` === server);
      if (region !== undefined) return { keeper, region };
    }
    throw new Error(`${server} is no server of a cluster`);
  }

  async #answer(authorization: string | undefined, body: string): Promise<string> {
    const awsRegion = signedScope(authorization, '/')?.awsRegion;
    const region = REGIONS.find((name) => AWS_REGIONS[name] === awsRegion);
    if (region === undefined) throw new AwsFailure(400, 'UnknownRegion', `There is nothing in ${awsRegion}`);
    if (this.#settings.isLost(region)) throw serviceUnavailable(`RDS in ${awsRegion}`);
    const { stage, accountId } = this.#settings;
    return answerCall(
      { names: { stage, accountId }, keepers: this.#keepers, snapshots: this.#snapshots },
      region,
      body,
    );
  }

  #keeper(cluster: string, records: Records): Keeper {
    const { stage, programs, accounts, note, onChange } = this.#settings;
    const members = { A: this.#member(cluster, 'A'), B: this.#member(cluster, 'B') };
    return new Keeper({
      cluster,
      stage,
      records,
      snapshots: this.#snapshots,
      members,
      programs,
      accounts,
      note,
      onChange,
    });
  }

  #member(cluster: string, region: Region): Member {
    const { accounts, portOf, databaseDirectoryOf, followedPort, processOf } = this.#settings;
    const server = `${cluster}-${region}`;
    const port = portOf(server);
    return {
      database: new Database(port, accounts),
      port,
      databaseDirectory: databaseDirectoryOf(server),
      followedPort: followedPort(server, `${cluster}-${otherRegion(region)}`),
      isRunning: () => processOf(server).isRunning(),
      standStill: (between) => processOf(server).standStill(between),
      restart: (between) => processOf(server).restart(between),
    };
  }
}
