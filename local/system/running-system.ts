import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { REGIONS, type Region } from '../../topology';
import type { ClusterReport, Clusters, ServerProcess, Snapshot } from '../clusters';
import { type EngineDefinition, NotPossible, type OnProgress, type PortPlan } from '../engines';
import { Links } from '../faults';
import type { Layout } from './directory';
import { type KeptServer, KeptServers } from './kept-servers';
import { enginePart, type Part } from './part';
import { frontPart, functionPart } from './process-parts';
import { type PlanSettings, planProcesses } from './process-plan';
import { ProcessRegistry } from './process-registry';
import { provision } from './provisioning';
import { type PartSurroundings, RunningPart } from './running-part';
import type { LocalSecrets } from './secrets';
import { describeState, type LocalState, removeState, writeState } from './state';

/** What every local system is called by its own parts. */
export const STAGE = 'local';
export const TABLE_PREFIX = `twinkeep-${STAGE}`;
export const ACCOUNT_ID = '000000000000';
export const DATABASE_USER = 'twinkeep';

const UNFINISHED_MOVES_MS = 30_000;
const GONE_EVERY_MS = 20;

export interface PartReport {
  readonly name: string;
  readonly kind: Part['kind'];
  readonly region: string;
  readonly role: string;
  readonly port: number;
  readonly status: RunningPart['status'];
  readonly pid: number | null;
}

/** What becomes of the clusters, and what was kept aside of returned writers. */
export interface ClusterStatus {
  readonly clusters: readonly ClusterReport[];
  readonly snapshots: readonly (Snapshot & { readonly directory: string })[];
}

/** A local system, from the moment when its directory is its own until everything is stopped. */
export class RunningSystem {
  /** Ways between callers and engines that can be cut; none unless the system was started with them. */
  readonly links: Links;
  private readonly parts: RunningPart[] = [];
  private readonly registry: ProcessRegistry;
  private readonly lifetime = new AbortController();
  private stopping: Promise<void> | undefined;
  private clusters: Clusters | undefined;
  private kept: KeptServers | undefined;
  private published = false;
  /** Nothing of them is started until somebody restarts them. */
  private readonly lost = new Set<string>();

  constructor(
    readonly layout: Layout,
    private readonly ports: PortPlan,
    private readonly secrets: LocalSecrets,
    private readonly onProgress: OnProgress,
  ) {
    this.registry = new ProcessRegistry(layout.processes);
    this.links = new Links(ports);
  }

  /** The same as in `state.json`. */
  get state(): LocalState {
    const settings = {
      ports: this.ports,
      secrets: this.secrets,
      accountId: ACCOUNT_ID,
      kept: this.kept?.list ?? [],
    };
    return describeState(settings, this.parts, (part) => this.roleOf(part));
  }

  get report(): readonly PartReport[] {
    return this.parts.map(({ part, status, pid }) => ({
      name: part.name,
      kind: part.kind,
      region: part.region,
      role: this.roleOf(part),
      port: part.port,
      status,
      pid: pid ?? null,
    }));
  }

  /**
   * Ends a part if it runs, and starts it again with its data; or all parts of a region, functions last.
   *
   * @throws NotPossible for a name that does not exist
   */
  async restart(name: string): Promise<void> {
    const { signal } = this.lifetime;
    const region = REGIONS.find((one) => one === name);
    if (region !== undefined) {
      const parts = this.parts.filter(({ part }) => part.region === region);
      this.lost.delete(region);
      await Promise.all(parts.filter(({ part }) => !part.revives).map((one) => one.restart(signal)));
      await Promise.all(parts.filter(({ part }) => part.revives).map((one) => one.restart(signal)));
      return;
    }
    const found = this.parts.find(({ part }) => part.name === name);
    if (found === undefined) {
      const names = [...this.parts.map(({ part }) => part.name), ...REGIONS].join(', ');
      throw new NotPossible(`There is no engine ${name}. There are: ${names}`);
    }
    if (this.lost.has(found.part.region)) {
      throw new NotPossible(
        `Region ${found.part.region} is lost. It comes back as a whole: restart ${found.part.region}`,
      );
    }
    await found.restart(signal);
  }

  /**
   * Kills every process of a region at once. None comes back by itself until the region is restarted. Resolves when they
   * are gone.
   *
   * @throws NotPossible for a region that does not exist
   */
  async lose(name: string): Promise<void> {
    const region = REGIONS.find((one) => one === name);
    if (region === undefined) throw new NotPossible(`There is no region ${name}. There are: ${REGIONS.join(', ')}`);
    this.lost.add(region);
    for (const one of this.parts) if (one.part.region === region) one.lose();
    while (!this.isLost(region)) await delay(GONE_EVERY_MS);
  }

  /** Stops everything that this system started; callers come before what they call. Safe to call again. */
  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  get clusterReport(): ClusterStatus {
    return { clusters: this.clusters?.report ?? [], snapshots: this.clusters?.snapshots ?? [] };
  }

  /** The process of a database server, for who has to end and start it. @throws Error before there is one */
  databaseProcess(name: string): ServerProcess {
    const found = this.parts.find(({ part }) => part.name === name);
    if (found === undefined) throw new Error(`${name} has not been started yet`);
    return {
      isRunning: () => found.pid !== undefined,
      standStill: (between) => found.standStill(between),
      restart: async (between) => {
        if (this.lost.has(found.part.region)) throw new NotPossible(`region ${found.part.region} is lost`);
        await found.restart(this.lifetime.signal, between);
      },
    };
  }

  /** Whether nothing of a region runs. */
  isLost(region: Region): boolean {
    return this.parts.every(({ part, pid }) => part.region !== region || pid === undefined);
  }

  /**
   * From now on roles are those that the clusters have.
   *
   * @param keptEngine a server on data that was kept aside
   */
  keep(clusters: Clusters, keptEngine: ConstructorParameters<typeof KeptServers>[0]): void {
    this.clusters = clusters;
    this.kept = new KeptServers(keptEngine, this.surroundings);
  }

  /** Has what was kept aside of a server be read. @throws NotPossible if nothing was */
  async openKept(server: string): Promise<KeptServer> {
    if (this.kept === undefined) throw new NotPossible('The system has no clusters yet');
    const opened = await this.kept.open(server, this.clusters?.snapshots ?? [], this.lifetime.signal);
    this.onChange();
    return opened;
  }

  async startEngines(definitions: readonly EngineDefinition[], signal: AbortSignal): Promise<void> {
    await this.startAll(definitions.map(enginePart), signal);
  }

  async startProcesses(signal: AbortSignal): Promise<void> {
    const { layout } = this;
    const plan = planProcesses(this.planSettings());
    const directories = { bundles: layout.bundles, work: layout.work };
    await this.startAll([frontPart(plan, directories)], signal);
    await this.runProvision(functionPart(plan.provision, directories), plan.provision.invokePort, signal);
    await this.startAll(
      plan.functionProcesses.map((config) => functionPart(config, directories)),
      signal,
    );
  }

  /** From now on writers can be moved. Moves that an earlier run left unfinished are finished first, where they can be. */
  async beginMoves(): Promise<void> {
    await this.clusters?.start();
    await this.clusters?.untilSettled(UNFINISHED_MOVES_MS);
  }

  /** A process that someone started beside the system: a later start ends it if nobody else does. */
  adopt(pid: number): void {
    this.registry.add(pid);
  }

  release(pid: number): void {
    this.registry.remove(pid);
  }

  /** From now on `state.json` follows every change. */
  publish(): void {
    this.published = true;
    this.onChange();
  }

  private planSettings(): PlanSettings {
    return {
      stage: STAGE,
      tablePrefix: TABLE_PREFIX,
      accountId: ACCOUNT_ID,
      databaseUser: DATABASE_USER,
      ports: this.ports,
      secrets: this.secrets,
      bundleDirectory: this.layout.bundles,
    };
  }

  private get surroundings(): PartSurroundings {
    return { logDirectory: this.layout.logs, registry: this.registry, onChange: () => this.onChange() };
  }

  private runningPart(part: Part): RunningPart {
    return new RunningPart(part, this.surroundings);
  }

  private async startAll(parts: readonly Part[], signal: AbortSignal): Promise<void> {
    const starting = parts.map((part) => this.runningPart(part));
    this.parts.push(...starting);
    const startedMs = performance.now();
    const all = AbortSignal.any([signal, this.lifetime.signal]);
    await Promise.all(
      starting.map(async (one) => {
        await one.start(all);
        this.onProgress(`  ${one.part.name} is ready (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
      }),
    );
  }

  private async runProvision(part: Part, invokePort: number, signal: AbortSignal): Promise<void> {
    this.onProgress('Creating schemas, indices and callers');
    const running = this.runningPart(part);
    const onAbort = () => void running.stop();
    this.lifetime.signal.addEventListener('abort', onAbort);
    try {
      await running.start(AbortSignal.any([signal, this.lifetime.signal]));
      await provision(invokePort, this.secrets, `${this.layout.logs}/${part.name}.log`, signal);
    } finally {
      this.lifetime.signal.removeEventListener('abort', onAbort);
      await running.stop();
    }
  }

  private async stopAll(): Promise<void> {
    this.lifetime.abort(new NotPossible('The system is being stopped'));
    this.published = false;
    removeState(this.layout.state);
    await this.clusters?.stop();
    const callers = this.parts.filter(({ part }) => part.revives);
    await Promise.all(callers.map((one) => one.stop()));
    await Promise.all([...this.parts.map((one) => one.stop()), this.kept?.stop()]);
    this.links.close();
    await rm(this.layout.processes, { force: true });
    await rm(this.layout.lock, { force: true });
  }

  private roleOf(part: Part): string {
    return part.kind === 'mariadb' && this.clusters !== undefined ? this.clusters.roleOf(part.name) : part.role;
  }

  /** Has `state.json` say what is the case. */
  onChange(): void {
    if (this.published) writeState(this.layout.state, this.state);
  }
}
