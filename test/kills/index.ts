/** Faults of every process under load, with what must hold meanwhile and afterwards. */
import { type DrillOutcome, runDrill } from './drill';
import type { KillOptions } from './options';
import { planFaults } from './plan';
import { Timeline } from './timeline';

export { type KillOptions, readOptions, USAGE } from './options';

/** What is checked when a drill is over takes longer than a fault: some share it. */
const FAULTS_OF_A_DRILL = 3;

/** Strikes until the budget is spent, at least once. The system under test is that of `TWINKEEP_TEST_STATE`. */
export async function runKills(options: KillOptions, signal: AbortSignal): Promise<readonly DrillOutcome[]> {
  const endsAtMs = performance.now() + options.budgetMs;
  const timeline = new Timeline(options.json ? () => undefined : (line) => console.log(line));
  const outcomes: DrillOutcome[] = [];
  const plan = planFaults(options);
  do {
    const faults = Array.from({ length: FAULTS_OF_A_DRILL }, () => plan.next().value);
    const drill = runDrill(faults, options.seed + outcomes.length, timeline, signal);
    const outcome = await Promise.race([drill, abortion(signal)]);
    outcomes.push(outcome);
    if (options.json) console.log(JSON.stringify(outcome));
  } while (performance.now() < endsAtMs);
  return outcomes;
}

/** Rejects when the run is interrupted: a drill may be waiting for what would not come any more. */
function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
