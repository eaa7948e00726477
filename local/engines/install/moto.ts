import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnProgress } from './progress';
import { runProgram } from './run-program';

const MOTO = 'moto[server,ssm]==5.2.*';
/** Raise it when what is installed changes. */
const REVISION = 1;

/** The Python of an environment that holds moto, made where it is not there yet. */
export async function motoPython(
  directory: string,
  python: () => Promise<string>,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<string> {
  const environment = join(directory, `moto-${REVISION}`);
  const interpreter = join(environment, 'bin', 'python');
  const complete = join(environment, 'complete');
  if (existsSync(complete) && existsSync(interpreter)) return interpreter;
  onProgress('Installing moto, for the parameter stores, in a Python environment of its own');
  await rm(environment, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await runProgram(await python(), ['-m', 'venv', environment], { signal });
  await runProgram(interpreter, ['-m', 'pip', 'install', '--no-input', '--progress-bar', 'off', MOTO], {
    signal,
    onProgress,
    summary: (lines) => `${lines.filter((line) => line.startsWith('Collecting')).length} packages so far`,
  });
  await writeFile(complete, '');
  return interpreter;
}
