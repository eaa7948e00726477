/**
 * Processes of a whole system are killed and frozen under load: nothing that was acknowledged may be lost.
 */
import { type KillOptions, readOptions, USAGE } from '../test/kills/options';
import { interruptionSignal, runMain, type TestSystem, withTestSystem } from './testing/test-system';

/** Long enough to say how it ended. */
const EXIT_AFTER_MS = 500;

/** Loaded only now, because it reads where the system is from its environment. */
async function strike(options: KillOptions, { environment }: TestSystem, signal: AbortSignal): Promise<number> {
  Object.assign(process.env, environment);
  const { runKills } = await import('../test/kills');
  const outcomes = await runKills(options, signal);
  const failed = outcomes.filter(({ failures }) => failures.length > 0);
  if (!options.json) {
    for (const { faults, seed, failures } of failed) {
      console.log(`\n${faults.join(', ')} (drill of seed ${seed}):\n${failures.join('\n')}`);
    }
    const calls = outcomes.reduce((sum, outcome) => sum + outcome.calls, 0);
    const faults = outcomes.reduce((sum, outcome) => sum + outcome.faults.length, 0);
    console.log(`\n${faults} faults in ${outcomes.length} drills, ${calls} calls, seed ${options.seed}`);
  }
  console.log(`\n${outcomes.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

async function main(words: readonly string[]): Promise<number> {
  const options = readOptions(words);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const signal = interruptionSignal();
  try {
    return await withTestSystem(signal, (system) => strike(options, system, signal));
  } finally {
    // What an interrupted drill still waits for will not come.
    if (signal.aborted) setTimeout(() => process.exit(1), EXIT_AFTER_MS);
  }
}

runMain(() => main(process.argv.slice(2)), USAGE);
