import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from '../../../local/engines/install/lock-file';
import type { Wanted } from './synthesise';

export const ROOT = join(__dirname, '..', '..', '..');
/** Outside what a system under test takes for its own. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'twinkeep-stacks');
const OUTPUTS = join(CACHE, 'outputs');
/** Everything that a template is made from. */
const SOURCES = [
  'bin',
  'lib',
  'topology',
  'lambdas',
  'local/bundle',
  'cdk.json',
  'package-lock.json',
  'test/stacks/support/own-stage.json',
  'test/stacks/support/synthesise.ts',
];

const run = promisify(execFile);

function filesBelow(path: string): string[] {
  const whole = join(ROOT, path);
  if (!statSync(whole).isDirectory()) return [path];
  return readdirSync(whole, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((name) => statSync(join(ROOT, name)).isFile())
    .sort();
}

function key(): string {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap(filesBelow)) hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex').slice(0, 16);
}

/** Runs the app as the CDK's command does. @throws the error of the process, with what it wrote, if it fails */
export async function runApp(stage: string, directory: string, isValidated = true): Promise<void> {
  await runProgram(['bin/twinkeep.ts'], { CDK_OUTDIR: directory, CDK_VALIDATION: String(isValidated) }, stage);
}

/** Neither credentials nor a region: synthesis must do without. */
async function runProgram(
  [file = '', ...words]: readonly string[],
  environment: NodeJS.ProcessEnv,
  stage?: string,
): Promise<void> {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const tsx = join(ROOT, 'node_modules', 'tsx', 'dist');
  const loader = ['--require', join(tsx, 'preflight.cjs'), '--import', join(tsx, 'loader.mjs')];
  await run(process.execPath, [...loader, join(ROOT, file), ...words], {
    cwd: ROOT,
    maxBuffer: 2 ** 26,
    env: {
      PATH: process.env.PATH,
      HOME: CACHE,
      NODE_NO_WARNINGS: '1',
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage }),
      ...environment,
    },
  });
}

/** Where the outputs of all stages stand, each in a directory of its name. */
export interface Outputs {
  readonly directory: string;
  /** The first of the stages once more. */
  readonly again: string;
}

/**
 * The app's output for each stage; the test files of a run share it, and so do later runs until a source changes. One
 * process makes all of them. It takes the bundles of one that runs as the CDK's command runs it, and makes the first stage
 * as well; there the CDK's validation is left out, which takes two thirds of the time, and looks at the same templates.
 *
 * @param stages by name, as they are told to the CDK
 */
export async function appOutputs(stages: Readonly<Record<string, string>>): Promise<Outputs> {
  const options = { signal: new AbortController().signal, onWait: () => undefined };
  const directory = join(OUTPUTS, key());
  await withLock(join(CACHE, 'lock'), options, async () => {
    if (existsSync(directory)) return;
    rmSync(OUTPUTS, { recursive: true, force: true });
    mkdirSync(OUTPUTS, { recursive: true });
    const unfinished = `${directory}.new`;
    await synthesise(stages, unfinished);
    renameSync(unfinished, directory);
  });
  return { directory, again: join(directory, AGAIN) };
}

const AGAIN = 'again';

async function synthesise(stages: Readonly<Record<string, string>>, directory: string): Promise<void> {
  const again = join(directory, AGAIN);
  await runApp(Object.values(stages)[0] ?? '', again, false);
  const wanted: Wanted[] = Object.entries(stages).map(([name, stage]) => ({ stage, outdir: join(directory, name) }));
  await runProgram(['test/stacks/support/synthesise.ts', join(again, 'bundles'), JSON.stringify(wanted)], {});
}
