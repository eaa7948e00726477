/**
 * The API of both regions under requests that are made from its own description, by schemathesis.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureSchemathesis } from '../local/engines/install';
import type { LocalState } from '../local/system';
import { REGIONS, TRAFFIC_CLASSES } from '../topology';
import { type FuzzOptions, readOptions, USAGE } from './fuzz/options';
import { fuzz } from './fuzz/run';
import { addCounts, type Counts, runJest } from './testing/jest';
import { interruptionSignal, runMain, type TestSystem, withTestSystem } from './testing/test-system';

/** What has to hold when the fuzzer has gone. */
const AFTERWARDS = 'test/region/fuzz/afterwards.test.ts';

async function fuzzAll(
  options: FuzzOptions,
  program: string,
  system: TestSystem,
  signal: AbortSignal,
): Promise<Counts> {
  const { directory, environment } = system;
  const state = JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8')) as LocalState;
  const runs = REGIONS.flatMap((region) => TRAFFIC_CLASSES.map((trafficClass) => ({ region, trafficClass })));
  let counts: Counts = { passed: 0, failed: 0 };
  for (const { region, trafficClass } of runs) {
    console.log(`\nregion ${region}, class ${trafficClass}, seed ${options.seed}`);
    const run = { region, trafficClass, budgetMs: options.budgetMs / runs.length, seed: options.seed };
    const fuzzer = { program, state, directory: join(directory, 'fuzz'), signal };
    counts = addCounts(counts, await fuzz(run, fuzzer));
  }
  return addCounts(
    counts,
    await runJest(['--runInBand', AFTERWARDS], join(directory, 'jest.json'), { environment, signal }),
  );
}

async function main(words: readonly string[]): Promise<number> {
  const options = readOptions(words);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const signal = interruptionSignal();
  const program = await ensureSchemathesis((text) => console.log(text), signal);
  const counts = await withTestSystem(signal, (system) => fuzzAll(options, program, system, signal));
  console.log(`\nseed ${options.seed}\n${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 ? 0 : 1;
}

runMain(() => main(process.argv.slice(2)), USAGE);
