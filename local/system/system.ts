import { rm } from 'node:fs/promises';
import { bundleAll } from '../bundle';
import {
  type EngineDefinition,
  engineDefinitions,
  ensureTools,
  keptMariadbEngine,
  type MariadbAccounts,
  NotPossible,
  type OnProgress,
  type PortPlan,
  planPorts,
} from '../engines';
import { tryLock } from '../engines/install/lock-file';
import { planLinks } from '../faults';
import { withClassArchives } from './class-archives';
import { assertOurs, empty, type Layout, layOut, rotateLogs } from './directory';
import { assertFree } from './free-ports';
import { openClusters, type Surroundings } from './open-clusters';
import { endLeftovers } from './process-registry';
import { ACCOUNT_ID, DATABASE_USER, RunningSystem, STAGE, TABLE_PREFIX } from './running-system';
import { keptSecrets, type LocalSecrets } from './secrets';

/** It takes no part in any replication. */
const KEPT_SERVER_ID = 1000;

export interface SystemOptions {
  /** Where data, logs, secrets and `state.json` stand. */
  readonly directory: string;
  /** First of the ports that the system takes; the documented ones where absent. */
  readonly portBase?: number;
  /** Forget what earlier runs left in the directory. */
  readonly fresh?: boolean;
  /** Puts links between callers and engines, which can be cut; see `faults`. */
  readonly faults?: boolean;
  /** `engines` starts no front and no functions. */
  readonly extent?: 'whole' | 'engines';
  /** Builds the bundles; another one only where something else shall run than this repository's functions. */
  readonly bundle?: (outDirectory: string) => Promise<unknown>;
  /** Called when everything runs and `state.json` is written. */
  readonly prepare?: (system: RunningSystem) => Promise<void>;
  readonly onProgress?: OnProgress;
  /** Called as soon as the directory is this system's own, before anything is installed or started. */
  readonly onBegin?: (system: RunningSystem) => void | Promise<void>;
  /** Ends a start that is under way; the promise then rejects after everything was stopped. */
  readonly signal?: AbortSignal;
}

function portsOf(ports: PortPlan, definitions: readonly EngineDefinition[]): number[] {
  return [
    ports.api.A,
    ports.api.B,
    ports.aws,
    ports.rds,
    ...Object.values(ports.invoke),
    ...Object.values(ports.links?.entries ?? {}),
    ...planLinks(ports).map(({ port }) => port),
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
  await system.beginMoves();
  if (whole) {
    onProgress('Starting the functions of both regions');
    await system.startProcesses(signal);
  }
  system.publish();
  await options.prepare?.(system);
}

function databaseAccounts(secrets: LocalSecrets): MariadbAccounts {
  return {
    rootPassword: secrets.databaseRootPassword,
    replicationPassword: secrets.replicationPassword,
    application: { user: DATABASE_USER, password: secrets.databasePassword },
  };
}

function surroundingsOf(system: RunningSystem): Surroundings {
  return {
    databaseProcess: (server) => system.databaseProcess(server),
    isLost: (region) => system.isLost(region),
    onChange: () => system.onChange(),
  };
}

/**
 * Starts two regions on real engines.
 * @throws NotPossible for what the user can change; whatever was started is stopped before
 */
export async function startSystem(options: SystemOptions): Promise<RunningSystem> {
  const onProgress = options.onProgress ?? (() => undefined);
  const signal = options.signal ?? new AbortController().signal;
  const layout = layOut(options.directory);
  const ports = planPorts(options.portBase, options.faults === true ? 'links' : 'direct');
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
    const accounts = databaseAccounts(secrets);
    const clusters = openClusters(
      { stage: STAGE, accountId: ACCOUNT_ID, layout, ports, accounts, tools },
      surroundingsOf(system),
    );
    system.keep(clusters, ({ cluster, region, directory }, port) => {
      const name = `${cluster}-${region}-kept`;
      return keptMariadbEngine(
        { name, region, port, serverId: KEPT_SERVER_ID, dataDirectory: directory },
        accounts,
        tools,
      );
    });
    const definitions = engineDefinitions(
      {
        ports,
        dataDirectory: layout.data,
        stage: STAGE,
        tablePrefix: TABLE_PREFIX,
        accountId: ACCOUNT_ID,
        identity: { accessKeyId: secrets.accessKeyId, secretAccessKey: secrets.secretAccessKey },
        mariadb: accounts,
        keeperOf: (server) => clusters.serverKeeper(server),
      },
      tools,
    );
    await assertFree(portsOf(ports, definitions));
    await system.links.open();
    await bringUp(system, options, definitions, signal);
    return system;
  } catch (error) {
    await system?.stop();
    await rm(layout.lock, { force: true });
    throw error;
  }
}
