/** Registers the members of CSV files, line by line: resumable, and never twice. */
import type { Display } from './display';
import { silentDisplay } from './display';
import { dryRunFile } from './dry-run';
import { ImportRefused } from './errors';
import { HttpClient } from './http-client';
import { type FileSummary, forgetProgress, importFile } from './import-file';
import type { Target } from './register';

export { createDisplay, type Display, type Standing, silentDisplay } from './display';
export { ImportRefused } from './errors';
export type { FileSummary } from './import-file';
export type { Target } from './register';

export interface ImportOptions {
  /** Member files, or corrected error reports; imported one after another. */
  readonly files: readonly string[];
  /** Not needed for a dry run. */
  readonly target?: Target;
  /** Lines in flight at a time. */
  readonly concurrency?: number;
  /** How long a line is tried again while the API does not decide about it. */
  readonly giveUpAfterMs?: number;
  /** Longest pause before the second try; it doubles from try to try. */
  readonly firstPauseMs?: number;
  /** How often progress is written. */
  readonly saveEveryMs?: number;
  /** Keeps imports apart: equal lines under different scopes are different members. */
  readonly scope?: string;
  /** Where error reports and progress are written; beside each file by default. */
  readonly outputDirectory?: string;
  /** Reads and checks the files as far as their form goes, and sends nothing. */
  readonly dryRun?: boolean;
  readonly display?: Display;
  /** Ends the import: what is in flight is finished, and progress is written. */
  readonly signal?: AbortSignal;
}

export type ImportStatus = 'done' | 'lines-failed' | 'gave-up' | 'interrupted';

export interface Summary {
  readonly status: ImportStatus;
  readonly registered: number;
  readonly failed: number;
  readonly blank: number;
  readonly retries: number;
  readonly durationMs: number;
  readonly gaveUp?: string;
  readonly files: readonly FileSummary[];
}

export const DEFAULT_CONCURRENCY = 16;
export const DEFAULT_GIVE_UP_AFTER_MS = 300_000;
const DEFAULT_FIRST_PAUSE_MS = 100;
const DEFAULT_SAVE_EVERY_MS = 1000;

/**
 * Imports files into a running system. Whenever it ends, it can be called again with the same files: it goes on where
 * it was, and registers nobody twice.
 *
 * @throws ImportRefused for files, keys or addresses that can't be right; lines that are refused only fail themselves
 */
export async function importFiles(options: ImportOptions): Promise<Summary> {
  const startedMs = performance.now();
  const concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
  const client = new HttpClient(concurrency);
  const stop = options.signal ?? new AbortController().signal;
  const files: FileSummary[] = [];
  try {
    for (const path of options.files) {
      const summary = await named(path, () => importOne(options, { path, client, concurrency, stop }));
      files.push(summary);
      if (!summary.finished) break;
    }
    if (files.every(({ finished }) => finished) && options.dryRun !== true) {
      for (const path of options.files) await forgetProgress({ path, outputDirectory: options.outputDirectory });
    }
  } finally {
    client.close();
  }
  return summarise(files, performance.now() - startedMs);
}

async function importOne(
  options: ImportOptions,
  run: { path: string; client: HttpClient; concurrency: number; stop: AbortSignal },
): Promise<FileSummary> {
  const display = options.display ?? silentDisplay;
  const scope = options.scope ?? '';
  if (options.dryRun === true) return dryRunFile({ path: run.path, scope, display, stop: run.stop });
  if (options.target === undefined) throw new ImportRefused('no system is named to import into');
  return importFile({
    ...run,
    target: options.target,
    giveUpAfterMs: options.giveUpAfterMs ?? DEFAULT_GIVE_UP_AFTER_MS,
    firstPauseMs: options.firstPauseMs ?? DEFAULT_FIRST_PAUSE_MS,
    saveEveryMs: options.saveEveryMs ?? DEFAULT_SAVE_EVERY_MS,
    scope,
    outputDirectory: options.outputDirectory,
    display,
  });
}

async function named(path: string, act: () => Promise<FileSummary>): Promise<FileSummary> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ImportRefused) throw new ImportRefused(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

function summarise(files: readonly FileSummary[], durationMs: number): Summary {
  const sum = (count: (file: FileSummary) => number) => files.reduce((total, file) => total + count(file), 0);
  const failed = sum(({ tally }) => tally.failed);
  const last = files.at(-1);
  const ended = last === undefined || last.finished;
  const gaveUp = last?.gaveUp;
  return {
    status: gaveUp !== undefined ? 'gave-up' : !ended ? 'interrupted' : failed > 0 ? 'lines-failed' : 'done',
    registered: sum(({ tally }) => tally.registered),
    failed,
    blank: sum(({ tally }) => tally.blank),
    retries: sum(({ retries }) => retries),
    durationMs,
    ...(gaveUp === undefined ? {} : { gaveUp }),
    files,
  };
}
