import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../../support/directory';

const run = promisify(execFile);
const root = temporaryDirectory('bundled');
const BUNDLED = pathToFileURL(resolve(__dirname, '..', '..', '..', 'scripts', 'bundled.mjs')).href;

/** The bundle's path, as a process of its own is told it. */
async function bundle(): Promise<string> {
  const program = `import { bundled } from '${BUNDLED}'; console.log(await bundled(process.argv[1], 'cli/command.ts'));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program, root]);
  return stdout.trim();
}

function write(name: string, text: string): void {
  writeFileSync(join(root, name), text);
}

/** As if it had been built a moment ago: times of files are no finer than that on some systems. */
function age(file: string): void {
  const earlier = new Date(Date.now() - 60_000);
  utimesSync(file, earlier, earlier);
}

beforeAll(() => {
  for (const name of ['cli', 'lambdas/core', 'local', 'topology']) mkdirSync(join(root, name), { recursive: true });
  write('package-lock.json', '{}');
  write('lambdas/core/value.ts', "export const value: string = 'one';");
  write('cli/command.ts', "import { value } from '../lambdas/core/value'; console.log(value);");
});

test('a command is bundled once, and again when any of its files was changed or taken away', async () => {
  const file = await bundle();
  expect((await run(process.execPath, [file])).stdout).toBe('one\n');
  const builtMs = statSync(file).mtimeMs;
  expect(await bundle()).toBe(file);
  expect(statSync(file).mtimeMs).toBe(builtMs);
  age(file);
  write('lambdas/core/value.ts', "export const value: string = 'two';");
  expect((await run(process.execPath, [await bundle()])).stdout).toBe('two\n');
  age(file);
  write('lambdas/core/value.ts', "export const value: string = 'three'; export { other } from './other';");
  write('lambdas/core/other.ts', 'export const other = 1;');
  await bundle();
  rmSync(join(root, 'lambdas/core/other.ts'));
  // What cannot be bundled any more leaves the former bundle, and says so.
  age(file);
  await expect(bundle()).rejects.toThrow(/other/);
  expect(readFileSync(file, 'utf8')).toContain('three');
});
