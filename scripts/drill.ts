/**
 * Faults under load, as an operator would meet them: what callers see, and what the runbooks do about it.
 */
import { type DrillOptions, readOptions, usage } from '../test/drills/options';
import { hasPassed } from '../test/drills/report';
import { interruptionSignal, runMain, type TestSystem, withTestSystem } from './testing/test-system';

/** Long enough to say how it ended. */
const EXIT_AFTER_MS = 500;

/** Loaded only now, because it reads where the system is from its environment. */
async function drill(options: DrillOptions, { environment }: TestSystem, signal: AbortSignal): Promise<number> {
  Object.assign(process.env, environment);
  const { runDrills } = await import('../test/drills');
  const reports = await runDrills(options, signal);
  const passed = reports.filter(hasPassed).length;
  if (!options.json) {
    console.log(`\nThe page of all drills: ${options.page}`);
    console.log(`\n${passed} passed, ${reports.length - passed} failed, seed ${options.seed}`);
  }
  return passed === reports.length ? 0 : 1;
}

async function main(words: readonly string[]): Promise<number> {
  const options = readOptions(words);
  if (options === 'help') {
    process.stdout.write(usage());
    return 0;
  }
  const signal = interruptionSignal();
  const onProgress = options.json ? console.error : console.log;
  try {
    return await withTestSystem(signal, (system) => drill(options, system, signal), { onProgress, faults: true });
  } finally {
    // What an interrupted drill still waits for will not come.
    if (signal.aborted) setTimeout(() => process.exit(1), EXIT_AFTER_MS);
  }
}

runMain(() => main(process.argv.slice(2)), usage());
