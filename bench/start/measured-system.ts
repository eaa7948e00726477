import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionBundle } from '../../local/bundle';
import { NotPossible } from '../../local/engines';
import { planPorts } from '../../local/engines/ports';
import { layOut, startSystem } from '../../local/system';
import { freePortBase } from '../../local/system/free-ports';
import { functionEnvironment } from '../../local/system/process-plan';
import { ACCOUNT_ID, DATABASE_USER, STAGE, TABLE_PREFIX } from '../../local/system/running-system';
import { keptSecrets } from '../../local/system/secrets';
import type { EngineState, LocalState } from '../../local/system/state';
import { FUNCTIONS, type Region, TRAFFIC_CLASSES, UNITS } from '../../topology';
import type { HostedBundle, MeasuredSystem } from '../job';
import { WORK_DIRECTORY } from '../root';

const DEFAULT_CONSOLE_PORT = 8080;
/** All functions are measured as region A runs them. */
const REGION: Region = 'A';
const CALLER = 'shop';

/** Starts a system of the bench's own, with fresh data, and stops it whatever happens. @throws NotPossible */
export async function withOwnSystem<T>(
  onProgress: (text: string) => void,
  signal: AbortSignal,
  use: (system: MeasuredSystem) => Promise<T>,
): Promise<T> {
  const directory = join(WORK_DIRECTORY, 'system');
  mkdirSync(directory, { recursive: true });
  const system = await startSystem({ directory, portBase: await freePortBase(), fresh: true, onProgress, signal });
  try {
    return await use(await describe(directory, system.state));
  } finally {
    await system.stop();
  }
}

/** The system that runs from a directory; it is neither started nor stopped. @throws NotPossible */
export async function attachedSystem(directory: string): Promise<MeasuredSystem> {
  let text: string;
  try {
    text = readFileSync(layOut(directory).state, 'utf8');
  } catch {
    throw new NotPossible(`No local system is running from ${directory}.`);
  }
  return describe(directory, JSON.parse(text) as LocalState);
}

async function describe(directory: string, state: LocalState): Promise<MeasuredSystem> {
  const layout = layOut(directory);
  const secrets = await keptSecrets(layout.secrets);
  const engine = (name: string): EngineState => {
    const found = state.engines.find((candidate) => candidate.name === name);
    if (found === undefined) throw new NotPossible(`The system in ${directory} has no ${name}.`);
    return found;
  };
  const consolePort = Number(new URL(state.console).port);
  const settings = {
    stage: STAGE,
    tablePrefix: TABLE_PREFIX,
    accountId: ACCOUNT_ID,
    databaseUser: DATABASE_USER,
    ports: planPorts(consolePort === DEFAULT_CONSOLE_PORT ? undefined : consolePort),
    secrets,
    bundleDirectory: layout.bundles,
  };
  const functions: HostedBundle[] = FUNCTIONS.filter(({ regions }) => regions.includes(REGION)).map((definition) => ({
    name: definition.name,
    bundle: functionBundle(layout.bundles, definition.handler),
    environment: functionEnvironment(settings, definition, REGION),
  }));
  const writer = UNITS.find(({ home }) => home === REGION)?.clusters[0] ?? '';
  return {
    directory: layout.directory,
    api: state.regions[REGION].api,
    apis: { A: state.regions.A.api, B: state.regions.B.api },
    aws: state.aws,
    apiKey: state.callers.find(({ id }) => id === CALLER)?.apiKey ?? '',
    apiKeys: Object.fromEntries(
      TRAFFIC_CLASSES.map((name) => [name, state.callers.find(({ classes }) => classes.includes(name))?.apiKey ?? '']),
    ) as MeasuredSystem['apiKeys'],
    pids: Object.fromEntries(state.engines.map(({ name, pid }) => [name, pid ?? 0])),
    ports: Object.fromEntries(state.engines.map(({ name, port }) => [String(port), name])),
    database: { port: engine(`${writer}-${REGION}`).port, user: DATABASE_USER, password: secrets.databasePassword },
    cachePort: engine(`redis-${REGION}`).port,
    domain: `http://127.0.0.1:${engine('order').port}`,
    functions,
  };
}
