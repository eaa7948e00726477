import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnProgress } from './progress';
import { runProgram } from './run-program';

/** Packages of Python in an environment of their own, so that neither the machine's nor each other's get in the way. */
export interface PythonEnvironment {
  /** Folder of the environment; another name is another installation. */
  readonly name: string;
  /** What pip is asked for. */
  readonly requirement: string;
  /** Told to the user before it is installed. */
  readonly announcement: string;
}

/**
 * The folder of an environment's programs, made where it is not there yet.
 * @param python finds the interpreter that makes the environment
 * @throws NotPossible where it can't be made
 */
export async function pythonPrograms(
  directory: string,
  { name, requirement, announcement }: PythonEnvironment,
  python: () => Promise<string>,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<string> {
  const environment = join(directory, name);
  const programs = join(environment, 'bin');
  const interpreter = join(programs, 'python');
  const complete = join(environment, 'complete');
  if (existsSync(complete) && existsSync(interpreter)) return programs;
  onProgress(announcement);
  await rm(environment, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await runProgram(await python(), ['-m', 'venv', environment], { signal });
  await runProgram(interpreter, ['-m', 'pip', 'install', '--no-input', '--progress-bar', 'off', requirement], {
    signal,
    onProgress,
    summary: (lines) => `${lines.filter((line) => line.startsWith('Collecting')).length} packages so far`,
  });
  await writeFile(complete, '');
  return programs;
}
