import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ArchivedEngine,
  type EngineDefinition,
  elasticmqEngine,
  type OnProgress,
  opensearchEngine,
  TOOLS_DIRECTORY,
  type Tools,
} from '../engines';
import { withLock } from '../engines/install/lock-file';
import { freePort } from './free-ports';
import { enginePart } from './part';
import { ProcessRegistry } from './process-registry';
import { RunningPart } from './running-part';

/** Writing the archive happens at the end of the process. */
const STOP_GRACE_MS = 30_000;
/** A machine that is too busy for it tries again at its next start. */
const TRIAL_TIMEOUT_MS = 60_000;
const ENGINES: readonly ArchivedEngine[] = ['opensearch', 'elasticmq'];

/** Archives fit one Java and one classpath only. */
async function archivePath(engine: ArchivedEngine, tools: Tools): Promise<string> {
  const { mtimeMs, size } = await stat(tools.java);
  const hash = createHash('sha256')
    .update(JSON.stringify([tools.java, mtimeMs, size, tools.classpaths[engine], tools.launchers]))
    .digest('hex');
  return join(TOOLS_DIRECTORY, `${engine}-${hash.slice(0, 12)}.jsa`);
}

async function trial(engine: ArchivedEngine, tools: Tools, dataDirectory: string): Promise<EngineDefinition> {
  const port = await freePort();
  if (engine === 'elasticmq') {
    return elasticmqEngine({ region: 'A', port, frontPort: port, accountId: '000000000000', dataDirectory }, tools);
  }
  return opensearchEngine(
    { domain: 'order', region: 'A', port, transportPort: await freePort(), dataDirectory },
    tools,
  );
}

/** Those of another Java or another classpath; a process that still uses one keeps what it has of it. */
async function removeArchives(engine: ArchivedEngine): Promise<void> {
  const names = await readdir(TOOLS_DIRECTORY);
  const old = names.filter((name) => name.startsWith(`${engine}-`) && name.endsWith('.jsa'));
  await Promise.all(old.map((name) => rm(join(TOOLS_DIRECTORY, name), { force: true })));
}

/** Runs an engine once, on nothing, so that Java writes down what it loaded. */
async function archive(engine: ArchivedEngine, tools: Tools, path: string, signal: AbortSignal): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'twinkeep-archive-'));
  try {
    const definition = await trial(engine, tools, join(directory, 'data'));
    const launch = definition.launch();
    const running = new RunningPart(
      {
        ...enginePart(definition),
        stopGraceMs: STOP_GRACE_MS,
        launch: () => ({ ...launch, arguments: [`-XX:ArchiveClassesAtExit=${path}.new`, ...launch.arguments] }),
      },
      {
        logDirectory: directory,
        registry: new ProcessRegistry(join(directory, 'processes.json')),
        onChange: () => undefined,
      },
    );
    await running.start(AbortSignal.any([signal, AbortSignal.timeout(TRIAL_TIMEOUT_MS)]));
    await running.stop();
    await removeArchives(engine);
    await rename(`${path}.new`, path);
  } finally {
    await rm(directory, { recursive: true, force: true });
    await rm(`${path}.new`, { force: true });
  }
}

async function ensureArchive(
  engine: ArchivedEngine,
  tools: Tools,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = await archivePath(engine, tools);
  if (existsSync(path)) return path;
  onProgress(`Archiving the classes of ${engine}, which halves the time of every later start`);
  try {
    await archive(engine, tools, path, signal);
    return path;
  } catch {
    signal.throwIfAborted();
    onProgress(`  ${engine} has no archive; it starts all the same, only slower`);
    return undefined;
  }
}

/** The tools, with an archive of classes for every engine that can have one. */
export async function withClassArchives(tools: Tools, onProgress: OnProgress, signal: AbortSignal): Promise<Tools> {
  await mkdir(TOOLS_DIRECTORY, { recursive: true });
  const onWait = () => onProgress('Waiting for another start to archive classes');
  const made = await withLock(join(TOOLS_DIRECTORY, 'archive.lock'), { signal, onWait }, () =>
    Promise.all(
      ENGINES.map(async (engine) => [engine, await ensureArchive(engine, tools, onProgress, signal)] as const),
    ),
  );
  return { ...tools, classArchives: Object.fromEntries(made.filter(([, path]) => path !== undefined)) };
}
