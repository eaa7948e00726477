/**
 * All tests: the checks of the house, then jest on the engines of a whole local system that is started for it.
 */
import { join } from 'node:path';
import { addCounts, type Counts, runJest } from './testing/jest';
import { runProgram } from './testing/programs';
import { interruptionSignal, runMain, type TestSystem, withTestSystem } from './testing/test-system';

/** Tests of single rooms come first and side by side; those of whole regions have the system to themselves. */
const PASSES = [
  ['--maxWorkers=2', 'test/unit', 'test/engine', 'test/stacks'],
  ['--runInBand', 'test/region'],
] as const;

const CHECKS = [
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'types of the deployment', command: ['tsc', '--noEmit', '-p', 'tsconfig.cdk.json'] },
  { name: 'style', command: ['biome', 'check', '.'] },
  { name: 'house', command: ['tsx', 'scripts/check-house.ts'] },
] as const;

const signal = interruptionSignal();

async function check(): Promise<Counts> {
  let passed = 0;
  for (const { name, command } of CHECKS) {
    const isPassed = await runProgram(command, { signal });
    console.log(`check of ${name}: ${isPassed ? 'passed' : 'FAILED'}`);
    if (isPassed) passed += 1;
  }
  return { passed, failed: CHECKS.length - passed };
}

async function runPasses({ directory, environment }: TestSystem, parameters: readonly string[]): Promise<Counts> {
  const passes = parameters.length > 0 ? [['--runInBand', ...parameters]] : PASSES;
  let counts: Counts = { passed: 0, failed: 0 };
  for (const pass of passes) {
    counts = addCounts(counts, await runJest(pass, join(directory, 'jest.json'), { environment, signal }));
  }
  return counts;
}

runMain(async () => {
  const parameters = process.argv.slice(2);
  const checks = parameters.length > 0 ? { passed: 0, failed: 0 } : await check();
  const tests = await withTestSystem(signal, (system) => runPasses(system, parameters));
  const counts = addCounts(checks, tests);
  console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 ? 0 : 1;
});
