import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { tryLock } from '../../local/engines/install/lock-file';
import type { Display } from './display';
import { ErrorReport } from './error-report';
import { ImportRefused } from './errors';
import { FileRun } from './file-run';
import type { HttpClient } from './http-client';
import { LineReader } from './lines';
import { ProgressFile, type Tally } from './progress';
import type { Target } from './register';
import { planResumption } from './resume';

export interface FileOptions {
  readonly path: string;
  readonly client: HttpClient;
  readonly target: Target;
  readonly concurrency: number;
  readonly giveUpAfterMs: number;
  readonly firstPauseMs: number;
  readonly saveEveryMs: number;
  readonly scope: string;
  readonly outputDirectory: string | undefined;
  readonly display: Display;
  readonly stop: AbortSignal;
}

export interface FileSummary {
  readonly file: string;
  /** Whether every line is decided. */
  readonly finished: boolean;
  readonly tally: Tally;
  readonly retries: number;
  /** Lines that an earlier, interrupted run had done. */
  readonly doneBefore: number;
  /** Path of the error report; absent if no line failed, or not all are decided. */
  readonly report?: string;
  /** Why no more lines were sent. */
  readonly gaveUp?: string;
}

/** Imports one file. @throws ImportRefused for a file, a key or an address that can't be right */
export async function importFile(options: FileOptions): Promise<FileSummary> {
  const base = outputBase(options);
  const file = await openInput(options.path);
  try {
    const lock = `${base}.lock`;
    // Twice: the first try may only clear away the lock of an import that was killed.
    if (!(await tryLock(lock)) && !(await tryLock(lock))) throw new ImportRefused('it is being imported already');
    try {
      return await importOpened(options, file, base);
    } finally {
      await rm(lock, { force: true });
    }
  } finally {
    await file.close();
  }
}

async function importOpened(options: FileOptions, file: FileHandle, base: string): Promise<FileSummary> {
  const { path, display } = options;
  const report = new ErrorReport(`${base}.errors.csv`, path);
  const progressFile = new ProgressFile(progressPath(base));
  const target = targetName(options.target);
  const { progress, note } = await planResumption(file, { progressFile, report, target, scope: options.scope });
  if (note !== undefined) display.note(`${path}: ${note}`);
  if (progress?.finished === true) return finishedBefore(path, progress.tally, report);
  const lines = await LineReader.open(file, options.scope);
  await report.resume(progress?.reportBytes ?? 0);
  const { size } = await file.stat();
  const run = new FileRun(options, { lines, report, progressFile, progress, target, totalBytes: size });
  try {
    const end = await run.toEnd();
    if (!end.finished) return { ...run.summary, ...end };
    const published = await report.publish();
    await run.conclude();
    return { ...run.summary, ...end, ...(published === undefined ? {} : { report: published }) };
  } finally {
    await report.close();
  }
}

function finishedBefore(file: string, tally: Tally, report: ErrorReport): FileSummary {
  const doneBefore = tally.registered + tally.failed + tally.blank;
  return { file, finished: true, tally, retries: 0, doneBefore, ...(tally.failed > 0 ? { report: report.path } : {}) };
}

/** Forgets that a file was imported, so that the next import goes through all of it again. */
export async function forgetProgress(options: Pick<FileOptions, 'path' | 'outputDirectory'>): Promise<void> {
  await new ProgressFile(progressPath(outputBase(options))).remove();
}

function outputBase({ path, outputDirectory }: Pick<FileOptions, 'path' | 'outputDirectory'>): string {
  return join(outputDirectory ?? dirname(path), basename(path));
}

function progressPath(base: string): string {
  return `${base}.progress.json`;
}

async function openInput(path: string): Promise<FileHandle> {
  const file = await open(path).catch((error: unknown) => {
    throw new ImportRefused(error instanceof Error ? error.message : String(error), { cause: error });
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new ImportRefused('it is not a regular file, so an interrupted import could not go on');
}

/** Stands for the system and the caller without holding the key. */
function targetName({ apis, apiKey }: Target): string {
  return createHash('sha256')
    .update(JSON.stringify([apis, apiKey]))
    .digest('hex');
}
