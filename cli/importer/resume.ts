import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { ErrorReport } from './error-report';
import { LineReader } from './lines';
import type { Progress, ProgressFile } from './progress';

export interface Resumption {
  /** Where to go on, which may be the end; undefined to start at the first line. */
  readonly progress: Progress | undefined;
  /** What to tell someone who may have expected otherwise. */
  readonly note?: string;
}

/** Whether an interrupted import of this file can be continued: same target, same beginning of the file, its report. */
export async function planResumption(
  file: FileHandle,
  parts: { progressFile: ProgressFile; report: ErrorReport; target: string; scope: string },
): Promise<Resumption> {
  const progress = await parts.progressFile.read();
  if (progress === undefined) return { progress: undefined };
  if (progress.target !== parts.target) return startOver('an earlier import of it went to another system');
  if (!(await beginsAs(file, parts.scope, progress)))
    return startOver('it has changed since its import was interrupted');
  if (progress.finished) return { progress, note: 'done already by the import that was interrupted' };
  if (!(await parts.report.holds(progress.reportBytes))) return startOver('the draft of its error report is gone');
  const { registered, failed, blank } = progress.tally;
  return { progress, note: `going on behind ${registered + failed + blank} lines that are done` };
}

function startOver(reason: string): Resumption {
  return { progress: undefined, note: `starting over, because ${reason}; nothing will be registered twice` };
}

async function beginsAs(file: FileHandle, scope: string, progress: Progress): Promise<boolean> {
  const reader = await LineReader.open(file, scope);
  const hash = createHash('sha256');
  const preamble = [...reader.preamble];
  for (let frames = 0; frames < progress.frames; frames += 1) {
    const frame = preamble.shift() ?? (await reader.next())?.frame;
    if (frame === undefined) return false;
    hash.update(frame.digest);
  }
  const isAsLong = !progress.finished || (await reader.next()) === undefined;
  return isAsLong && hash.digest('hex') === progress.sha256;
}
