import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from '../../../local/engines/install/lock-file';

export const ROOT = join(__dirname, '..', '..', '..');
/** Outside what a system under test takes for its own. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'twinkeep-stacks');
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

export interface AppRun {
  /** Where the templates and the bundles are. */
  readonly directory: string;
  /** Of processors: other work on the machine does not count. */
  readonly tookMs: number;
}

/** Fails as the command fails; else its last line is what its processes took of user and system time. */
const RUN_AND_MEASURE = '"$@" && times';

function childrenMs(output: string): number {
  const lastLine = output.trimEnd().split('\n').at(-1) ?? '';
  const times = [...lastLine.matchAll(/(\d+)m([\d.]+)s/g)];
  if (times.length !== 2) throw new Error(`the shell did not say how long the app took: ${lastLine}`);
  return times.reduce((sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000, 0);
}

/** Runs the app as the CDK's command does. @throws the error of the process, with what it wrote, if it fails */
export async function runApp(stage: string, directory: string): Promise<AppRun> {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const tsx = join(ROOT, 'node_modules', 'tsx', 'dist');
  const { stdout } = await run(
    'sh',
    [
      '-c',
      RUN_AND_MEASURE,
      'sh',
      process.execPath,
      '--require',
      join(tsx, 'preflight.cjs'),
      '--import',
      join(tsx, 'loader.mjs'),
      join(ROOT, 'bin', 'twinkeep.ts'),
    ],
    {
      cwd: ROOT,
      maxBuffer: 2 ** 26,
      env: {
        // Neither credentials nor a region: synthesis must do without.
        PATH: process.env.PATH,
        HOME: directory,
        NODE_NO_WARNINGS: '1',
        CDK_OUTDIR: directory,
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage }),
      },
    },
  );
  return { directory, tookMs: childrenMs(stdout) };
}

/**
 * The app's output for a stage; the test files of a run share it, and so do later runs until a source changes.
 * @param stage as it is told to the CDK
 */
export async function appOutput(stage: string, name: string): Promise<AppRun> {
  mkdirSync(CACHE, { recursive: true });
  const current = key();
  const options = { signal: new AbortController().signal, onWait: () => undefined };
  return withLock(join(CACHE, `${name}.lock`), options, async () => {
    for (const old of readdirSync(CACHE).filter((entry) => entry.startsWith(`${name}-`) && !entry.includes(current))) {
      rmSync(join(CACHE, old), { recursive: true });
    }
    const directory = join(CACHE, `${name}-${current}`);
    const note = join(directory, 'took.json');
    if (existsSync(note)) return { directory, ...JSON.parse(readFileSync(note, 'utf8')) };
    const unfinished = join(CACHE, `${name}-${current}.new`);
    rmSync(unfinished, { recursive: true, force: true });
    const { tookMs } = await runApp(stage, unfinished);
    renameSync(unfinished, directory);
    writeFileSync(note, JSON.stringify({ tookMs }));
    return { directory, tookMs };
  });
}
