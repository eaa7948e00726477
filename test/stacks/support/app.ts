import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
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

/** Runs the app as the CDK's command does. @throws the error of the process, with what it wrote, if it fails */
export async function runApp(stage: string, directory: string): Promise<void> {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const tsx = join(ROOT, 'node_modules', 'tsx', 'dist');
  await run(
    process.execPath,
    [
      ...['--require', join(tsx, 'preflight.cjs'), '--import', join(tsx, 'loader.mjs')],
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
}

/**
 * Where the app's output for a stage is; the test files of a run share it, and so do later runs until a source changes.
 * @param stage as it is told to the CDK
 */
export async function appOutput(stage: string, name: string): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  const current = key();
  const options = { signal: new AbortController().signal, onWait: () => undefined };
  return withLock(join(CACHE, `${name}.lock`), options, async () => {
    for (const old of readdirSync(CACHE).filter((entry) => entry.startsWith(`${name}-`) && !entry.includes(current))) {
      rmSync(join(CACHE, old), { recursive: true });
    }
    const directory = join(CACHE, `${name}-${current}`);
    if (existsSync(directory)) return directory;
    const unfinished = join(CACHE, `${name}-${current}.new`);
    rmSync(unfinished, { recursive: true, force: true });
    await runApp(stage, unfinished);
    renameSync(unfinished, directory);
    return directory;
  });
}
