import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty directory, which is gone when the tests of the file are over. Asked for where hooks may be defined. */
export function temporaryDirectory(purpose: string): string {
  const directory = mkdtempSync(join(tmpdir(), `twinkeep-${purpose}-`));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
