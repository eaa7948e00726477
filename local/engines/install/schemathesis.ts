import { join } from 'node:path';
import type { OnProgress } from './progress';
import { type PythonEnvironment, pythonPrograms } from './python-environment';

const VERSION = '4.32.5';

const SCHEMATHESIS: PythonEnvironment = {
  name: `schemathesis-${VERSION}`,
  requirement: `schemathesis==${VERSION}`,
  announcement: `Installing schemathesis ${VERSION}, for fuzzing, in a Python environment of its own`,
};

/** Path of the program `schemathesis`, which is installed where it is not there yet. */
export async function schemathesisProgram(
  directory: string,
  python: () => Promise<string>,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<string> {
  return join(await pythonPrograms(directory, SCHEMATHESIS, python, onProgress, signal), 'schemathesis');
}
