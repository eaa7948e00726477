import { join } from 'node:path';
import type { PlantedBug } from '../../test/planted';
import { type JestOutcome, runJest, type TestOutcome } from './jest';
import type { ProgramOptions } from './programs';

export type Verdict =
  /** The test passes without the bug and fails with it. */
  | { readonly kind: 'caught'; readonly message: string }
  /** The test passes although the protection is gone. */
  | { readonly kind: 'unnoticed' }
  /** No verdict: the test did not run, or fails without the bug too. */
  | { readonly kind: 'broken'; readonly message: string };

export interface TestRun {
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

type Guard = PlantedBug['caughtBy'];

const MOST_MS = 240_000;

/** @returns why a test that is claimed to catch bugs can't be relied on; nothing if it passes as it should */
export async function tryWithout(guard: Guard, run: TestRun): Promise<string | undefined> {
  const tests = testsOf(await runGuard(guard, run), guard);
  if (tests.length === 0) return 'no such test ran';
  const failed = tests.find(({ status }) => status !== 'passed');
  return failed === undefined ? undefined : `it fails without any bug: ${firstLine(failed)}`;
}

export async function tryWith(bug: PlantedBug, run: TestRun): Promise<Verdict> {
  const environment = { ...run.environment, TWINKEEP_PLANTED_BUG: JSON.stringify(bug) };
  return judgePlanted(await runGuard(bug.caughtBy, { ...run, environment }), bug.caughtBy);
}

/** A bug counts as caught only if its own test ran and failed: a suite that can't be loaded proves nothing. */
export function judgePlanted(outcome: Pick<JestOutcome, 'tests'>, guard: Guard): Verdict {
  const tests = testsOf(outcome, guard);
  if (tests.length === 0) return { kind: 'broken', message: 'no such test ran' };
  const failed = tests.find(({ status }) => status === 'failed');
  if (failed === undefined) return { kind: 'unnoticed' };
  const kind = UNREACHABLE.test(failed.messages.join()) ? 'broken' : 'caught';
  return { kind, message: firstLine(failed) };
}

/**
 * What a test says whose engine did not start: that proves nothing of the bug. Whom tests send to port 9, where nobody
 * listens, is meant to notice it.
 */
const UNREACHABLE = /\bECONNREFUSED\b(?! 127\.0\.0\.1:9\b)/;

/** One that is run for each row of a table is many: any of them may be the one that notices. */
function testsOf({ tests }: Pick<JestOutcome, 'tests'>, guard: Guard): readonly TestOutcome[] {
  return tests.filter(({ name, status }) => name.includes(guard.test) && status !== 'skipped');
}

function runGuard({ file, test }: Guard, { directory, environment, signal }: TestRun): Promise<JestOutcome> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(MOST_MS)]);
  const options: ProgramOptions = { environment, signal: limited, output: 'silent' };
  const pattern = test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  // A test that fails midway may leave connections open, for which jest would wait.
  return runJest(['--runInBand', '--forceExit', file, '-t', pattern], join(directory, 'planted.json'), options);
}

const ESCAPE = String.fromCharCode(27);
const COLOURS = new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g');

function firstLine({ messages }: TestOutcome): string {
  const lines = (messages[0] ?? '').replace(COLOURS, '').split('\n');
  return (
    lines
      .find((line) => line.trim() !== '')
      ?.trim()
      .slice(0, 120) ?? ''
  );
}
