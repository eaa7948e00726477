import { existsSync, readFileSync, rmSync } from 'node:fs';
import { type ProgramOptions, runProgram } from './programs';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export interface TestOutcome {
  /** Path of the test file. */
  readonly file: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly messages: readonly string[];
}

export interface JestOutcome extends Counts {
  readonly tests: readonly TestOutcome[];
}

interface JestResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

/** Runs jest. A suite that could not even be loaded counts as one failed test. */
export async function runJest(
  parameters: readonly string[],
  resultsFile: string,
  options: ProgramOptions,
): Promise<JestOutcome> {
  rmSync(resultsFile, { force: true });
  const isPassed = await runProgram(['jest', '--json', `--outputFile=${resultsFile}`, ...parameters], options);
  if (!existsSync(resultsFile)) return { passed: 0, failed: 1, tests: [] };
  const results: JestResults = JSON.parse(readFileSync(resultsFile, 'utf8'));
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  return { passed: results.numPassedTests, failed: !isPassed && failed === 0 ? 1 : failed, tests: testsOf(results) };
}

function testsOf({ testResults }: JestResults): TestOutcome[] {
  return testResults.flatMap(({ name: file, assertionResults }) =>
    assertionResults.map(({ fullName, status, failureMessages }) => ({
      file,
      name: fullName,
      status: status === 'passed' || status === 'failed' ? status : 'skipped',
      messages: failureMessages ?? [],
    })),
  );
}

export function addCounts(one: Counts, other: Counts): Counts {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed };
}
