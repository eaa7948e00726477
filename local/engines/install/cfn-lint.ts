import { join } from 'node:path';
import type { OnProgress } from './progress';
import { type PythonEnvironment, pythonPrograms } from './python-environment';

const VERSION = '1.58.0';

const CFN_LINT: PythonEnvironment = {
  name: `cfn-lint-${VERSION}`,
  requirement: `cfn-lint==${VERSION}`,
  announcement: `Installing cfn-lint ${VERSION}, for the templates, in a Python environment of its own`,
};

/** Path of the program `cfn-lint`, which is installed where it is not there yet. */
export async function cfnLintProgram(
  directory: string,
  python: () => Promise<string>,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<string> {
  return join(await pythonPrograms(directory, CFN_LINT, python, onProgress, signal), 'cfn-lint');
}
