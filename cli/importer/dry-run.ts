import { open } from 'node:fs/promises';
import type { Display } from './display';
import { ImportRefused } from './errors';
import type { FileSummary } from './import-file';
import { LineReader } from './lines';

const SHOWN_FAULTS = 20;

/** Reads a file as an import would, sends nothing and writes nothing. */
export async function dryRunFile(options: {
  path: string;
  scope: string;
  display: Display;
  stop: AbortSignal;
}): Promise<FileSummary> {
  const { path, scope, display, stop } = options;
  const file = await open(path).catch((error: unknown) => {
    throw new ImportRefused(error instanceof Error ? error.message : String(error), { cause: error });
  });
  const tally = { registered: 0, failed: 0, blank: 0 };
  try {
    const lines = await LineReader.open(file, scope);
    for (let line = await lines.next(); line !== undefined && !stop.aborted; line = await lines.next()) {
      if (line.kind === 'member') tally.registered += 1;
      else if (line.kind === 'blank') tally.blank += 1;
      else {
        tally.failed += 1;
        const { code, message } = line.error;
        if (tally.failed <= SHOWN_FAULTS) display.note(`${path}:${line.frame.line}: ${code}: ${message}`);
      }
    }
  } finally {
    await file.close();
  }
  if (tally.failed > SHOWN_FAULTS) display.note(`${path}: and ${tally.failed - SHOWN_FAULTS} more`);
  return { file: path, finished: !stop.aborted, tally, retries: 0, doneBefore: 0 };
}
