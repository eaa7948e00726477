import type { Audit, AuditEntry } from '../../../../lambdas/arbiter';
import { foundingUpdate, unitKey } from '../../../../lambdas/arbiter/unit-decision';
import type { Clock, Log } from '../../../../lambdas/core';
import {
  beat,
  MoveRefused,
  type RunParts,
  requestUnit,
  type Suspicion,
  TransitionRun,
  type UnitRequest,
} from '../../../../lambdas/failover';
import type { Shards } from '../../../../lambdas/shards';
import type { Region } from '../../../../topology';
import { DecisionTable, decisionsOf, type Without } from './arbiter';
import { Cluster } from './cluster';
import { Network, Process } from './network';
import { World } from './world';

export const UNIT = 'b1';
const FIRST_EPOCH = 2;
const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Whoever does not wait: to it an hour is over in some seconds. */
const HASTE = 1000;

/** One unit in two regions: the rooms' own heartbeats, requests and runs, on a network, a database and an arbiter of the model. */
export class System {
  readonly world: World;
  readonly network: Network;
  readonly table: DecisionTable;
  readonly cluster: Cluster;
  readonly #without: Without | undefined;
  /** What caches say to a run that moves the unit. */
  caches: Awaited<ReturnType<RunParts['announceMove']>> = { A: 'free', B: 'free' };
  announceMove: RunParts['announceMove'] = async () => this.caches;
  readonly told: AuditEntry[] = [];

  constructor(seed: number, { without, isCalm = false }: { without?: Without | undefined; isCalm?: boolean } = {}) {
    this.#without = without;
    this.world = new World(seed, isCalm);
    this.network = new Network(this.world);
    this.table = new DecisionTable(without);
    this.cluster = new Cluster(this.world, this.network, { writer: 'B', epoch: FIRST_EPOCH, without });
    this.table.write(
      { key: { S: 'epochs' } },
      { update: 'ADD #drawn :n', values: { ':n': { N: String(FIRST_EPOCH) } } },
    );
    this.table.update(unitKey(UNIT), foundingUpdate(UNIT, 'B', FIRST_EPOCH));
  }

  process(region: Region): Process {
    return new Process(region, this.world);
  }

  decisions(process: Process) {
    return decisionsOf(this.table, this.network, process);
  }

  beat(process: Process): Promise<void> {
    const parts = {
      arbiter: { decisions: this.decisions(process) },
      shards: this.#shards(process),
      region: process.region,
    };
    return beat({ ...parts, log }, []);
  }

  request(process: Process, request: UnitRequest, wake: () => void, automatic?: 'automatic' | Suspicion) {
    const parts = { ...this.#parts(process), log, wake: async () => wake() };
    return requestUnit(parts, UNIT, request, 'the model', automatic);
  }

  /** @returns whether nothing was left to do */
  run(process: Process, budgetMs: number): Promise<boolean> {
    const run = new TransitionRun(
      {
        ...this.#parts(process),
        log,
        drain: async () => this.world.after(this.world.between(10, 2000)),
        replay: async () => this.world.after(this.world.between(10, 2000)),
        announce: async () => undefined,
        announceMove: (...move) => this.announceMove(...move),
        pause: async (ms) => this.world.after(ms).then(() => process.awake()),
      },
      UNIT,
    );
    const ending = new AbortController();
    this.world.at(this.world.nowMs + budgetMs, () => ending.abort());
    return run.advance(ending.signal);
  }

  /** A write of a process that believes that the unit stands under this epoch in that region. */
  write(process: Process, epoch: number, writer: Region) {
    return this.network.call(process, `database ${writer}`, () =>
      this.cluster.servers[writer].trip(epoch, () => this.cluster.writer),
    );
  }

  clock({ region }: Process): Clock {
    const haste = this.#without === 'wait' ? HASTE : 1;
    const monotonicMs = () => (this.world.nowMs + (region === 'A' ? 1e6 : 2e6)) * haste;
    return { monotonicMs, nowMs: () => 1_800_000_000_000 + this.world.nowMs };
  }

  #parts(process: Process) {
    const { region } = process;
    const audit = { append: async (entry: AuditEntry) => void this.told.push(entry) } as unknown as Audit;
    return {
      arbiter: { decisions: this.decisions(process), audit },
      shards: this.#shards(process),
      clusters: {
        describe: () => this.network.call(process, 'rds', () => this.cluster.describe()),
        switchOver: this.#move(process, 'switchOver'),
        failOver: this.#move(process, 'failOver'),
      },
      region,
      clock: this.clock(process),
    };
  }

  /** As the room does it: it looks, asks whether the move is still wanted, and calls. */
  #move(process: Process, how: 'switchOver' | 'failOver') {
    return async (name: string, to: Region, isWanted: () => Promise<boolean> = async () => true) => {
      await this.network.call(process, 'rds', () => this.cluster.describe());
      if (!(await isWanted())) throw new MoveRefused('the move is not wanted any more');
      await this.network.call(process, 'rds', () => this.cluster.moves[how](name, to));
    };
  }

  #shards(process: Process): Pick<Shards, 'leases' | 'fences' | 'ping'> {
    const at = <T>(region: Region, act: (server: Cluster['servers'][Region]) => Promise<T>) =>
      this.network.call(process, `database ${region}`, () => act(this.cluster.servers[region]));
    return {
      leases: {
        beat: (_unit: string, region: Region) => at(region, async (server) => server.process.awake()),
        readClocks: async (_unit: string, region: Region) => [await at(region, (server) => server.readClock())],
        extend: (lease: { epoch: number; now: string; until: string }, grantMs: number, region: Region) =>
          at(region, (server) => server.extend(lease, grantMs)),
        shorten: ({ epoch }: { epoch: number }, leftMs: number, region: Region) =>
          at(region, (server) => server.shorten(epoch, leftMs)),
      },
      fences: { raise: (_unit: string, epoch: number, region: Region) => at(region, (server) => server.raise(epoch)) },
      ping: (_cluster: string, region: Region) => at(region, (server) => server.process.awake()),
    } as unknown as Pick<Shards, 'leases' | 'fences' | 'ping'>;
  }
}
