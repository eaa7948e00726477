import { open, readFile, rename, rm } from 'node:fs/promises';
import { z } from 'zod';

const progressSchema = z.strictObject({
  layout: z.literal(1),
  /** Stands for API and caller: another system knows nothing of what was done here. */
  target: z.string(),
  /** Every line is decided and the report is published; kept while other files of the same import are not done. */
  finished: z.boolean(),
  /** Frames up to which everything is done, and the hash over their digests. */
  frames: z.number().int().nonnegative(),
  sha256: z.string(),
  /** Length of the error report when this was written; what stands behind it belongs to lines that are not done. */
  reportBytes: z.number().int().nonnegative(),
  tally: z.strictObject({ registered: z.number().int(), failed: z.number().int(), blank: z.number().int() }),
  /** Frames ahead that are registered, each with its idempotency key. */
  ahead: z.array(z.tuple([z.number().int(), z.string()])),
});

/** How far the import of one file has come. */
export type Progress = z.infer<typeof progressSchema>;

export type Tally = Progress['tally'];

/** Keeps the progress of one file beside it, or in the directory of the system it goes to. */
export class ProgressFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** @returns undefined if there is none, or none that could be trusted */
  async read(): Promise<Progress | undefined> {
    try {
      const parsed = progressSchema.safeParse(JSON.parse(await readFile(this.path, 'utf8')));
      return parsed.success ? parsed.data : undefined;
    } catch {
      return undefined;
    }
  }

  /** Replaces the progress as a whole: a kill at any time leaves the old or the new one. */
  async write(progress: Progress): Promise<void> {
    const draft = `${this.path}.new`;
    const file = await open(draft, 'w');
    try {
      await file.writeFile(JSON.stringify(progress));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.path);
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(`${this.path}.new`, { force: true });
  }
}
