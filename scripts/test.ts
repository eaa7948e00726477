/**
 * All tests: the checks of the house, then jest on the engines of a whole local system that is started for it, on ports
 * and in a directory of its own, so that a running `npm run local` is not touched.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlPath, serveControl } from '../local/command/control';
import { NotPossible } from '../local/engines';
import { PORTS_TAKEN } from '../local/engines/ports';
import { type RunningSystem, startSystem } from '../local/system';
import { assertFree } from '../local/system/free-ports';

const ROOT = join(__dirname, '..');
const DIRECTORY = join(ROOT, '.test');
const RESULTS = join(DIRECTORY, 'jest.json');
const FIRST_PORT_BASE = 31_000;
const LAST_PORT_BASE = 40_000;

/** Tests of single rooms come first and side by side; those of whole regions have the system to themselves. */
const PASSES = [
  { paths: ['test/unit', 'test/engine'], parameters: ['--maxWorkers=2'] },
  { paths: ['test/region'], parameters: ['--runInBand'] },
] as const;

const CHECKS = [
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'style', command: ['biome', 'check', '.'] },
  { name: 'house', command: ['tsx', 'scripts/check-house.ts'] },
] as const;

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => interruption.abort(new NotPossible('The tests were interrupted.')));
}

function run(command: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<boolean> {
  const [program = '', ...parameters] = command;
  return new Promise((resolve) => {
    const child = spawn(join(ROOT, 'node_modules', '.bin', program), parameters, {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    });
    const end = () => child.kill('SIGTERM');
    interruption.signal.addEventListener('abort', end);
    child.once('exit', (code) => {
      interruption.signal.removeEventListener('abort', end);
      resolve(code === 0);
    });
  });
}

async function check(): Promise<Counts> {
  let passed = 0;
  for (const { name, command } of CHECKS) {
    const isPassed = await run(command);
    console.log(`check of ${name}: ${isPassed ? 'passed' : 'FAILED'}`);
    if (isPassed) passed += 1;
  }
  return { passed, failed: CHECKS.length - passed };
}

/** Addresses of single engines, for the tests of one room. */
function engineAddresses({ state }: RunningSystem): NodeJS.ProcessEnv {
  const address = (name: string) => {
    const engine = state.engines.find((candidate) => candidate.name === name);
    if (engine === undefined) throw new Error(`the system has no engine ${name}`);
    return `http://${engine.host}:${engine.port}`;
  };
  return {
    TWINKEEP_TEST_STATE: join(DIRECTORY, 'state.json'),
    TWINKEEP_TEST_ARBITER: address('arbiter'),
    TWINKEEP_TEST_SEARCH: address('marketing'),
    // The AWS clients announce the end of Node 20 at every start.
    NODE_NO_WARNINGS: '1',
  };
}

async function freePortBase(): Promise<number> {
  for (let base = FIRST_PORT_BASE; base < LAST_PORT_BASE; base += 100) {
    const ports = Array.from({ length: PORTS_TAKEN }, (_, offset) => base + offset);
    const isFree = await assertFree(ports).then(
      () => true,
      () => false,
    );
    if (isFree) return base;
  }
  throw new NotPossible(`No ${PORTS_TAKEN} ports in a row are free from ${FIRST_PORT_BASE} to ${LAST_PORT_BASE}.`);
}

async function runJest(environment: NodeJS.ProcessEnv, parameters: readonly string[]): Promise<Counts> {
  const isPassed = await run(['jest', '--json', `--outputFile=${RESULTS}`, ...parameters], environment);
  const results = JSON.parse(readFileSync(RESULTS, 'utf8'));
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  return { passed: results.numPassedTests, failed: !isPassed && failed === 0 ? 1 : failed };
}

async function runPasses(system: RunningSystem, parameters: readonly string[]): Promise<Counts> {
  const environment = engineAddresses(system);
  if (parameters.length > 0) return runJest(environment, ['--runInBand', ...parameters]);
  let counts: Counts = { passed: 0, failed: 0 };
  for (const pass of PASSES) counts = add(counts, await runJest(environment, [...pass.parameters, ...pass.paths]));
  return counts;
}

function add(one: Counts, other: Counts): Counts {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed };
}

/** Tests restart engines as an operator does: over the system's control socket. */
function openControl(system: RunningSystem) {
  return serveControl(controlPath(DIRECTORY), async (request) => {
    if (request.command !== 'restart') return { done: false, reason: 'a system under test can only restart its parts' };
    await system.restart(request.engine);
    return { done: true };
  });
}

async function main(): Promise<number> {
  const parameters = process.argv.slice(2);
  const checks = parameters.length > 0 ? { passed: 0, failed: 0 } : await check();
  mkdirSync(DIRECTORY, { recursive: true });
  const system = await startSystem({
    directory: DIRECTORY,
    portBase: await freePortBase(),
    fresh: true,
    onProgress: (text) => console.log(text),
    signal: interruption.signal,
  });
  const control = await openControl(system);
  try {
    const counts = add(checks, await runPasses(system, parameters));
    await system.stop();
    console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
    return counts.failed === 0 ? 0 : 1;
  } finally {
    control.close();
    await system.stop();
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof NotPossible ? error.message : error);
    console.log('\n0 passed, 1 failed');
    process.exitCode = 1;
  },
);
