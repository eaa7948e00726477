import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { assertMemory } from '../local/command/memory';
import { NotPossible } from '../local/engines';
import { type BenchArguments, HELP, readArguments, WrongUsage } from './arguments';
import type { Results } from './figures';
import type { MeasuredSystem } from './job';
import { describeMachine, readRevision } from './machine';
import { paceOf } from './pace';
import { REQUEST_PATHS } from './paths/catalogue';
import { buildProcesses } from './processes/build';
import { profileText } from './report/profile';
import { readmeText, replaceResults, terminalText } from './report/text';
import { RESULTS_DIRECTORY, ROOT, WORK_DIRECTORY } from './root';
import { attachedSystem, withOwnSystem } from './start/measured-system';
import { IMPORT, MEASUREMENTS, profilePath } from './start/measurements';
import { Session } from './start/session';

const EXIT = { done: 0, failed: 1, wrongUsage: 2, notPossible: 3, interrupted: 130 } as const;
const SAME_KEY_PRESS_MS = 300;
/** A third Ctrl-C ends at once; the next start then finds and ends what is left. */
const PATIENCE = 3;
const README = join(ROOT, 'bench', 'README.md');

const NAMED = [IMPORT, ...MEASUREMENTS];
const beganMs = performance.now();

function say(text: string): void {
  const elapsedS = ((performance.now() - beganMs) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`[${elapsedS} s] ${text}\n`);
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  let [count, lastMs] = [0, Number.NEGATIVE_INFINITY];
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // One key press may arrive twice: from the terminal, and from the process that started this one.
      if (performance.now() - lastMs < SAME_KEY_PRESS_MS) return;
      lastMs = performance.now();
      count += 1;
      if (count >= PATIENCE) process.exit(EXIT.interrupted);
      say(count === 1 ? 'Stopping' : 'Stopping; once more to leave it to the next start');
      controller.abort(new NotPossible('Interrupted'));
    });
  }
  return controller.signal;
}

async function onSystem<T>(
  { attach }: BenchArguments,
  signal: AbortSignal,
  use: (system: MeasuredSystem) => Promise<T>,
): Promise<T> {
  if (attach !== undefined) return use(await attachedSystem(attach));
  assertMemory();
  return withOwnSystem(say, signal, use);
}

async function bench(args: BenchArguments, signal: AbortSignal): Promise<number> {
  const [machine, revision, startedAt] = [describeMachine(), readRevision(), new Date().toISOString()];
  for (const directory of [WORK_DIRECTORY, RESULTS_DIRECTORY]) mkdirSync(directory, { recursive: true });
  await buildProcesses();
  const { budgetMinutes, profile, only } = args;
  const isChosen = (name: string) => only.length === 0 || only.includes(name);
  return onSystem(args, signal, async (system) => {
    const session = new Session(system, {
      pace: paceOf(budgetMinutes),
      budgetMinutes,
      beganMs,
      signal,
      onProgress: say,
    });
    if (profile !== undefined) {
      await session.prepare(false);
      const { file, figures } = await profilePath(profile, await session.childSettings(profile));
      process.stdout.write(`\n${profileText(profile, relative(ROOT, file), figures)}\n`);
      return EXIT.done;
    }
    await session.prepare(isChosen(IMPORT.name));
    for (const measurement of MEASUREMENTS) if (isChosen(measurement.name)) await session.measure(measurement);
    return report(args, session.results({ machine, revision, startedAt }));
  });
}

function report(args: BenchArguments, results: Results): number {
  const { startedAt, revision, failures } = results;
  const file = join(RESULTS_DIRECTORY, `${startedAt.replaceAll(/[:.]/g, '-')}-${revision.commit}.json`);
  const json = `${JSON.stringify(results, undefined, 2)}\n`;
  writeFileSync(file, json);
  process.stdout.write(args.json ? json : `\n${terminalText(results)}\n\n`);
  if (args.writesReadme) {
    writeFileSync(README, replaceResults(readFileSync(README, 'utf8'), readmeText(results)));
    say(`The table in ${relative(ROOT, README)} is written anew`);
  }
  say(`Results: ${relative(ROOT, file)}`);
  return Object.keys(failures).length === 0 ? EXIT.done : EXIT.failed;
}

async function main(): Promise<number> {
  const args = readArguments(
    process.argv.slice(2),
    NAMED.map(({ name }) => name),
  );
  if (args.help || args.list) {
    process.stdout.write(
      args.help ? `${HELP}\n` : `${NAMED.map(({ name, title }) => `${name.padEnd(14)} ${title}`).join('\n')}\n`,
    );
    return EXIT.done;
  }
  const { profile } = args;
  if (profile !== undefined && !REQUEST_PATHS.some(({ name }) => name === profile)) {
    throw new WrongUsage(`There is no profile of ${profile}: it makes no requests.`);
  }
  const signal = interruption();
  try {
    return await bench(args, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    say('Everything that was started is stopped');
    return EXIT.interrupted;
  }
}

function explain(error: unknown): number {
  if (error instanceof WrongUsage) {
    process.stderr.write(`${error.message}\nSee npm run bench -- --help\n`);
    return EXIT.wrongUsage;
  }
  if (error instanceof NotPossible) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.notPossible;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT.failed;
}

main()
  .catch(explain)
  // What is still open (a connection that a driver keeps) must not hold the command.
  .then((code) => process.exit(code));
