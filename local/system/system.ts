import { rm } from 'node:fs/promises';
import { bundleAll } from '../bundle';
import {
  type EngineDefinition,
  engineDefinitions,
  ensureTools,
  NotPossible,
  type OnProgress,
  type PortPlan,
  planPorts,
} from '../engines';
import { tryLock } from '../engines/install/lock-file';
import { withClassArchives } from './class-archives';
import { assertOurs, empty, type Layout, layOut, rotateLogs } from './directory';
import { assertFree } from './free-ports';
import { enginePart, type Part } from './part';
import { frontPart, functionPart } from './process-parts';
import { type PlanSettings, planProcesses } from './process-plan';
import { endLeftovers, ProcessRegistry } from './process-registry';
import { provision } from './provisioning';
import { RunningPart } from './running-part';
import { keptSecrets, type LocalSecrets } from './secrets';
import { describeState, type LocalState, removeState, writeState } from './state';

export interface SystemOptions {
  /** Where data, logs, secrets and `state.json` stand. */
  readonly directory: string;
  /** First of the ports that the system takes; the documented ones where absent. */
  readonly portBase?: number;
  /** Forget what earlier runs left in the directory. */
  readonly fresh?: boolean;
  /** `engines` starts no front and no functions. */
  readonly extent?: 'whole' | 'engines';
  /** Builds the bundles; another one only where something else shall run than this repository's functions. */
  readonly bundle?: (outDirectory: string) => Promise<unknown>;
  /** Called when everything runs and `state.json` is written. */
  readonly seed?: (system: RunningSystem) => Promise<void>;
  readonly onProgress?: OnProgress;
  /** Called as soon as the directory is this system's own, before anything is installed or started. */
  readonly onBegin?: (system: RunningSystem) => void | Promise<void>;
  /** Ends a start that is under way; the promise then rejects after everything was stopped. */
  readonly signal?: AbortSignal;
}

const STAGE = 'local';
const TABLE_PREFIX = `twinkeep-${STAGE}`;
const ACCOUNT_ID = '000000000000';
const DATABASE_USER = 'twinkeep';

export interface PartReport {
  readonly name: string;
  readonly kind: Part['kind'];
  readonly region: string;
  readonly role: string;
  readonly port: number;
  readonly status: RunningPart['status'];
  readonly pid: number | null;
}

/** A local system, from the moment when its directory is its own until everything is stopped. */
export class RunningSystem {
  private readonly parts: RunningPart[] = [];
  private readonly registry: ProcessRegistry;
  private readonly lifetime = new AbortController();
  private stopping: Promise<void> | undefined;
  private published = false;

  constructor(
    readonly layout: Layout,
    private readonly ports: PortPlan,
    private readonly secrets: LocalSecrets,
    private readonly onProgress: OnProgress,
  ) {
    this.registry = new ProcessRegistry(layout.processes);
  }

  /** The same as in `state.json`. */
  get state(): LocalState {
    return describeState({ ports: this.ports, secrets: this.secrets, accountId: ACCOUNT_ID }, this.parts);
  }

  get report(): readonly PartReport[] {
    return this.parts.map(({ part, status, pid }) => ({
      name: part.name,
      kind: part.kind,
      region: part.region,
      role: part.role,
      port: part.port,
      status,
      pid: pid ?? null,
    }));
  }

  /** Ends a part if it runs, and starts it again with its data. @throws NotPossible for a name that does not exist */
  async restart(name: string): Promise<void> {
    const found = this.parts.find(({ part }) => part.name === name);
    if (found === undefined) {
      const names = this.parts.map(({ part }) => part.name).join(', ');
      throw new NotPossible(`There is no engine ${name}. There are: ${names}`);
    }
    await found.stop();
    await found.start(this.lifetime.signal);
  }

  /** Stops everything that this system started; callers come before what they call. Safe to call again. */
  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
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
      frontDirectory: this.layout.front,
    };
  }

  private runningPart(part: Part): RunningPart {
    return new RunningPart(part, {
      logDirectory: this.layout.logs,
      registry: this.registry,
      onChange: () => this.onChange(),
    });
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
    const callers = this.parts.filter(({ part }) => part.revives);
    await Promise.all(callers.map((one) => one.stop()));
    await Promise.all(this.parts.map((one) => one.stop()));
    await rm(this.layout.processes, { force: true });
    await rm(this.layout.lock, { force: true });
  }

  private onChange(): void {
    if (this.published) writeState(this.layout.state, this.state);
  }
}

function portsOf(ports: PortPlan, definitions: readonly EngineDefinition[]): number[] {
  return [
    ports.api.A,
    ports.api.B,
    ports.aws,
    ...Object.values(ports.invoke),
    ...definitions.flatMap((definition) => definition.ports),
  ];
}

async function take(layout: Layout): Promise<void> {
  // Twice: the first try may only clear away the lock of a process that is gone.
  if ((await tryLock(layout.lock)) || (await tryLock(layout.lock))) return;
  throw new NotPossible(`A local system is already running from ${layout.directory}.`);
}

async function bringUp(
  system: RunningSystem,
  options: SystemOptions,
  definitions: readonly EngineDefinition[],
  signal: AbortSignal,
): Promise<void> {
  const onProgress = options.onProgress ?? (() => undefined);
  const whole = options.extent !== 'engines';
  onProgress(`Starting ${definitions.length} engines`);
  await Promise.all([
    whole ? (options.bundle ?? bundleAll)(system.layout.bundles) : undefined,
    system.startEngines(definitions, signal),
  ]);
  if (whole) {
    onProgress('Starting the functions of both regions');
    await system.startProcesses(signal);
  }
  system.publish();
  await options.seed?.(system);
}

/**
 * Starts two regions on real engines.
 * @throws NotPossible for what the user can change; whatever was started is stopped before
 */
export async function startSystem(options: SystemOptions): Promise<RunningSystem> {
  const onProgress = options.onProgress ?? (() => undefined);
  const signal = options.signal ?? new AbortController().signal;
  const layout = layOut(options.directory);
  const ports = planPorts(options.portBase);
  assertOurs(layout);
  await take(layout);
  let system: RunningSystem | undefined;
  try {
    const left = await endLeftovers(layout.processes);
    if (left > 0) onProgress(`Ended ${left} processes that an earlier run had left behind`);
    if (options.fresh === true) await empty(layout);
    await rotateLogs(layout);
    const secrets = await keptSecrets(layout.secrets);
    system = new RunningSystem(layout, ports, secrets, onProgress);
    await options.onBegin?.(system);
    const tools = await withClassArchives(await ensureTools(onProgress, signal), onProgress, signal);
    const definitions = engineDefinitions(
      {
        ports,
        dataDirectory: layout.data,
        stage: STAGE,
        tablePrefix: TABLE_PREFIX,
        accountId: ACCOUNT_ID,
        identity: { accessKeyId: secrets.accessKeyId, secretAccessKey: secrets.secretAccessKey },
        mariadb: {
          rootPassword: secrets.databaseRootPassword,
          replicationPassword: secrets.replicationPassword,
          application: { user: DATABASE_USER, password: secrets.databasePassword },
        },
      },
      tools,
    );
    await assertFree(portsOf(ports, definitions));
    await bringUp(system, options, definitions, signal);
    return system;
  } catch (error) {
    await system?.stop();
    await rm(layout.lock, { force: true });
    throw error;
  }
}
