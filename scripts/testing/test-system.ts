import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlPath, serveControl } from '../../local/command/control';
import { NotPossible } from '../../local/engines';
import { type RunningSystem, startSystem } from '../../local/system';
import { freePortBase } from '../../local/system/free-ports';
import { UsageError } from './options';
import { ROOT } from './programs';

export interface TestSystem {
  /** Keeps the system's data, and results. */
  readonly directory: string;
  /** Tells tests where the system and its engines are, if there is one. */
  readonly environment: NodeJS.ProcessEnv;
}

export interface TestSystemOptions {
  readonly onProgress?: (text: string) => void;
  /** Whether ways between callers and engines can be cut. */
  readonly faults?: boolean;
}

/**
 * Starts a whole system with fresh data, on free ports and in `.test`, so that a running `npm run local` is not touched;
 * stops it whatever happens.
 *
 * @throws NotPossible where it can't be started, or was interrupted
 */
export async function withTestSystem<T>(
  signal: AbortSignal,
  use: (system: TestSystem) => Promise<T>,
  { onProgress = console.log, faults = false }: TestSystemOptions = {},
): Promise<T> {
  const directory = join(ROOT, '.test');
  mkdirSync(directory, { recursive: true });
  const system = await startSystem({
    directory,
    portBase: await freePortBase(),
    fresh: true,
    faults,
    onProgress,
    signal,
  });
  const control = await openControl(system, directory);
  try {
    return await use({ directory, environment: { ...QUIET, ...environmentOf(system, directory) } });
  } finally {
    control.close();
    await system.stop();
  }
}

/** For tests that start what they need: nothing runs beside them, and nothing of them stays. */
export async function withoutTestSystem<T>(use: (nothing: TestSystem) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'twinkeep-tests-'));
  try {
    return await use({ directory, environment: QUIET });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The AWS clients announce the end of Node 20 at every start. */
const QUIET: NodeJS.ProcessEnv = { NODE_NO_WARNINGS: '1' };

/** Aborts at the first SIGINT or SIGTERM. */
export function interruptionSignal(): AbortSignal {
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => interruption.abort(new NotPossible('The tests were interrupted.')));
  }
  return interruption.signal;
}

/** Ends the process as `main` says; what can't be done, or was not asked rightly, is told without a stack. */
export function runMain(main: () => Promise<number>, usage = ''): void {
  main()
    .catch((error: unknown) => {
      if (error instanceof UsageError) {
        process.stderr.write(`${error.message}\n\n${usage}`);
        return WRONG_USAGE;
      }
      console.error(error instanceof NotPossible ? error.message : error);
      console.log('\n0 passed, 1 failed');
      return 1;
    })
    // Node may wait without end, and busily, for what drivers have left open; everything of ours is stopped by now.
    .then((code) => process.exit(code));
}

const WRONG_USAGE = 2;

/** Addresses of single engines too, for the tests of one room. */
function environmentOf({ state }: RunningSystem, directory: string): NodeJS.ProcessEnv {
  const address = (name: string) => {
    const engine = state.engines.find((candidate) => candidate.name === name);
    if (engine === undefined) throw new Error(`the system has no engine ${name}`);
    return `http://${engine.host}:${engine.port}`;
  };
  return {
    TWINKEEP_TEST_STATE: join(directory, 'state.json'),
    TWINKEEP_TEST_ARBITER: address('arbiter'),
    TWINKEEP_TEST_SEARCH: address('marketing'),
  };
}

/** Tests lose and restart engines as an operator does: over the system's control socket. */
function openControl(system: RunningSystem, directory: string) {
  return serveControl(controlPath(directory), async (request) => {
    switch (request.command) {
      case 'restart':
        await system.restart(request.engine);
        return { done: true };
      case 'lose':
        await system.lose(request.region);
        return { done: true };
      case 'restore':
        return { done: true, kept: await system.openKept(request.engine) };
      case 'set-links':
        return { done: true, links: system.links.set(request.links, request.state) };
      default:
        return { done: false, reason: `a system under test does not ${request.command}` };
    }
  });
}
