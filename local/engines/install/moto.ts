import { join } from 'node:path';
import type { OnProgress } from './progress';
import { type PythonEnvironment, pythonPrograms } from './python-environment';

/** Another name when what is installed changes. */
const MOTO: PythonEnvironment = {
  name: 'moto-1',
  requirement: 'moto[server,ssm]==5.2.*',
  announcement: 'Installing moto, for the parameter stores, in a Python environment of its own',
};

/** The Python of an environment that holds moto, made where it is not there yet. */
export async function motoPython(
  directory: string,
  python: () => Promise<string>,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<string> {
  return join(await pythonPrograms(directory, MOTO, python, onProgress, signal), 'python');
}
