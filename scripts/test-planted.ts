/**
 * Takes protections away one at a time (test/planted) and runs the test that is claimed to notice. Fails if one does not.
 */
import { PLANTED_BUGS, type PlantedBug } from '../test/planted';
import { needsSystem } from './testing/needs-system';
import { budgetMsOf, parseWords, UsageError } from './testing/options';
import { type TestRun, tryWith, tryWithout, type Verdict } from './testing/planted';
import { interruptionSignal, runMain, type TestSystem, withoutTestSystem, withTestSystem } from './testing/test-system';

const USAGE = `Usage: npm run test:planted -- [options]

Plants every bug of test/planted, one at a time, and runs the test that is claimed to catch it.

  --only <text>     the bugs whose name, file or races contain the text; may be repeated
  --budget <min>    start no further bug after so many minutes; what was left out is said
  --list            only name the bugs
  --json            one JSON object at the end instead of lines
  --help            this text
`;

interface Result extends Pick<PlantedBug, 'name' | 'races' | 'file' | 'caughtBy'> {
  readonly verdict: Verdict;
  readonly durationMs: number;
}

const OPTIONS = {
  only: { type: 'string', multiple: true },
  budget: { type: 'string' },
  list: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** What stands around the judging of bugs. */
interface Judging extends TestRun {
  readonly budgetMs: number;
  readonly say: (text: string) => void;
}

function chosen(only: readonly string[] | undefined): readonly PlantedBug[] {
  const bugs = PLANTED_BUGS.filter(
    ({ name, file, races }) =>
      only?.some(
        (text) => name.includes(text) || file.includes(text) || races.some((race) => `race ${race}` === text),
      ) ?? true,
  );
  if (bugs.length === 0) throw new UsageError('No planted bug is named like that.');
  return bugs;
}

/** Tests that fail by themselves would catch every bug: each is run once as it is. */
async function findUnreliable(bugs: readonly PlantedBug[], run: Judging): Promise<Map<string, string>> {
  const unreliable = new Map<string, string>();
  const guards = new Map(bugs.map(({ caughtBy }) => [JSON.stringify(caughtBy), caughtBy]));
  run.say(`Running the ${guards.size} tests without a bug`);
  for (const [key, guard] of guards) {
    if (run.signal.aborted) break;
    const reason = await tryWithout(guard, run);
    if (reason !== undefined) unreliable.set(key, reason);
  }
  return unreliable;
}

async function judgeAll(bugs: readonly PlantedBug[], run: Judging): Promise<{ results: Result[]; leftOut: number }> {
  const endsAtMs = performance.now() + run.budgetMs;
  const unreliable = await findUnreliable(bugs, run);
  const results: Result[] = [];
  for (const [index, bug] of bugs.entries()) {
    if (performance.now() > endsAtMs || run.signal.aborted) break;
    const startedMs = performance.now();
    const reason = unreliable.get(JSON.stringify(bug.caughtBy));
    const verdict: Verdict = reason === undefined ? await tryWith(bug, run) : { kind: 'broken', message: reason };
    const durationMs = Math.round(performance.now() - startedMs);
    const { name, races, file, caughtBy } = bug;
    results.push({ name, races, file, caughtBy, verdict, durationMs });
    const detail = verdict.kind === 'unnoticed' ? `by "${caughtBy.test}" in ${caughtBy.file}` : verdict.message;
    run.say(`  ${index + 1}/${bugs.length} ${verdict.kind}: ${name} (${(durationMs / 1000).toFixed(1)} s) ${detail}`);
  }
  return { results, leftOut: bugs.length - results.length };
}

async function main(words: readonly string[]): Promise<number> {
  const { only, budget, list, json, help } = parseWords(words, OPTIONS);
  if (help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const bugs = chosen(only);
  if (list === true) {
    for (const { name, races, file } of bugs) {
      console.log(`${name} (${file}${races.map((race) => `, race ${race}`).join('')})`);
    }
    return 0;
  }
  const budgetMs = budget === undefined ? Number.POSITIVE_INFINITY : budgetMsOf(budget);
  const signal = interruptionSignal();
  const say = json === true ? () => undefined : (text: string) => console.log(text);
  const judge = (system: TestSystem) => judgeAll(bugs, { ...system, signal, budgetMs, say });
  const isSystemNeeded = bugs.some(({ caughtBy }) => needsSystem(caughtBy.file));
  const { results, leftOut } = isSystemNeeded
    ? await withTestSystem(signal, judge, { onProgress: say })
    : await withoutTestSystem(judge);
  const passed = results.filter(({ verdict }) => verdict.kind === 'caught').length;
  if (json === true) console.log(JSON.stringify({ results, leftOut }, null, 2));
  if (leftOut > 0) say(`${leftOut} bugs were left out`);
  say(`\n${passed} passed, ${results.length - passed} failed`);
  return passed === results.length && !signal.aborted ? 0 : 1;
}

runMain(() => main(process.argv.slice(2)), USAGE);
