/**
 * All tests: the checks of the house, then jest on the engines of a whole local system that is started for it.
 */
import { join } from 'node:path';
import { addCounts, type Counts, runJest } from './testing/jest';
import { type ProgramOptions, runProgram } from './testing/programs';
import { interruptionSignal, runMain, type TestSystem, withoutTestSystem, withTestSystem } from './testing/test-system';

/**
 * Side by side: most tests of engines wait, above all those of whole regions, and those of the code alone keep a processor
 * busy meanwhile.
 */
const CODE = {
  name: 'code',
  // They may hardly get on while the others are busy: only what hangs is ended.
  passes: [['--maxWorkers=2', '--testTimeout=1200000', 'test/stacks', 'test/unit']],
} as const;
/**
 * Tests of single rooms come first and side by side; those of whole regions have the system to themselves. What a failed test
 * still waits for is not waited for.
 */
const ENGINES = {
  name: 'engines',
  passes: [
    ['--forceExit', '--maxWorkers=3', 'test/engine'],
    ['--forceExit', '--runInBand', 'test/region'],
  ],
} as const;

const CHECKS = [
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'types of the deployment', command: ['tsc', '--noEmit', '-p', 'tsconfig.cdk.json'] },
  { name: 'style', command: ['biome', 'check', '.'] },
  { name: 'house', command: ['tsx', 'scripts/check-house.ts'] },
] as const;

const failed = new AbortController();
const signal = AbortSignal.any([interruptionSignal(), failed.signal]);

const NOTHING: Counts = { passed: 0, failed: 0 };
/** Of the kernel's scale: what the others leave, of which there is most while the regions wait for each other. */
const GIVES_WAY = 10;

async function check(): Promise<Counts> {
  let passed = 0;
  for (const { name, command } of CHECKS) {
    const isPassed = await runProgram(command, { signal });
    console.log(`check of ${name}: ${isPassed ? 'passed' : 'FAILED'}`);
    if (isPassed) passed += 1;
  }
  return { passed, failed: CHECKS.length - passed };
}

interface Lane {
  readonly name: string;
  readonly passes: readonly (readonly string[])[];
}

/** Runs jest once for each pass, one after another. */
async function run(
  { name, passes }: Lane,
  { directory, environment }: TestSystem,
  givesWay?: ProgramOptions['givesWay'],
): Promise<Counts> {
  let counts = NOTHING;
  for (const pass of passes) {
    const options = { environment, signal, ...(givesWay && { givesWay }) };
    counts = addCounts(counts, await runJest(pass, join(directory, `jest-${name}.json`), options));
  }
  return counts;
}

/** The checks and the tests of the code begin while the system starts; where it cannot be started, they end. */
async function runAll(): Promise<Counts> {
  const engines = withTestSystem(signal, (system) => run(ENGINES, system)).catch((error: unknown) => {
    failed.abort();
    throw error;
  });
  const ended = new AbortController();
  engines.finally(() => ended.abort()).catch(() => undefined);
  const givesWay = { niceness: GIVES_WAY, until: ended.signal };
  const code = check().then(async (counts) =>
    addCounts(counts, await withoutTestSystem((nothing) => run(CODE, nothing, givesWay))),
  );
  // Both are awaited even if one fails, so that nothing runs on behind an error.
  await Promise.allSettled([engines, code]);
  return addCounts(await engines, await code);
}

runMain(async () => {
  const parameters = process.argv.slice(2);
  const chosen = { name: 'chosen', passes: [['--runInBand', ...parameters]] };
  const counts = await (parameters.length > 0 ? withTestSystem(signal, (system) => run(chosen, system)) : runAll());
  console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 ? 0 : 1;
});
