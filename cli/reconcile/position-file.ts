import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Progress } from '../../lambdas/failover';

const count = z.number().int().nonnegative();
const positionSchema = z.strictObject({
  /** Only the same comparison goes on where this one ended. */
  how: z.string(),
  cursor: z.string().regex(/^-?\d+$/),
  tally: z.strictObject({
    compared: count,
    written: count,
    refused: count,
    found: z.strictObject({
      missing: count,
      lower: count,
      altered: count,
      misled: count,
      ahead: count,
      unknown: count,
    }),
  }),
});

/** Where a comparison that was interrupted goes on. */
export class PositionFile {
  readonly #path: string;
  readonly #how: string;

  /** @param how what is compared with what, and whether it is mended */
  constructor(path: string, how: string) {
    this.#path = path;
    this.#how = how;
  }

  /** @returns undefined if there is none, or none of the same comparison */
  async read(): Promise<Pick<Progress, 'cursor' | 'tally'> | undefined> {
    try {
      const { how, cursor, tally } = positionSchema.parse(JSON.parse(await readFile(this.#path, 'utf8')));
      return how === this.#how ? { cursor: BigInt(cursor), tally } : undefined;
    } catch {
      return undefined;
    }
  }

  async write({ cursor, tally }: Pick<Progress, 'cursor' | 'tally'>): Promise<void> {
    const draft = `${this.#path}.new`;
    await writeFile(draft, JSON.stringify({ how: this.#how, cursor: String(cursor), tally }));
    await rename(draft, this.#path);
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}
