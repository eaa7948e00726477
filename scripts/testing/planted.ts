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
  const test = findTest(await runGuard(guard, run), guard);
  if (test === undefined) return 'no such test ran';
  return test.status === 'passed' ? undefined : `it fails without any bug: ${firstLine(test)}`;
}

export async function tryWith(bug: PlantedBug, run: TestRun): Promise<Verdict> {
  const environment = { ...run.environment, TWINKEEP_PLANTED_BUG: JSON.stringify(bug) };
  return judgePlanted(await runGuard(bug.caughtBy, { ...run, environment }), bug.caughtBy);
}

/** A bug counts as caught only if its own test ran and failed: a suite that can't be loaded proves nothing. */
export function judgePlanted(outcome: Pick<JestOutcome, 'tests'>, guard: Guard): Verdict {
  const test = findTest(outcome, guard);
  if (test === undefined) return { kind: 'broken', message: 'no such test ran' };
  if (test.status !== 'failed') return { kind: 'unnoticed' };
  const kind = UNREACHABLE.test(test.messages.join()) ? 'broken' : 'caught';
  return { kind, message: firstLine(test) };
}

/**
 * What a test says whose engine did not start: that proves nothing of the bug. Whom tests send to port 9, where nobody
 * listens, is meant to notice it.
 */
const UNREACHABLE = /\bECONNREFUSED\b(?! 127\.0\.0\.1:9\b)/;

function findTest({ tests }: Pick<JestOutcome, 'tests'>, guard: Guard): TestOutcome | undefined {
  return tests.find(({ name, status }) => name.includes(guard.test) && status !== 'skipped');
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
