import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const count = z.number().int().nonnegative();

/** Where a comparison of a domain was. */
export const comparisonPosition = z.strictObject({
  cursor: z.string().regex(/^-?\d+$/),
  tally: z.strictObject({
    compared: count,
    written: count,
    refused: count,
    settled: count,
    found: z.strictObject({
      missing: count,
      lower: count,
      altered: count,
      misled: count,
      ahead: count,
      forked: count,
      unknown: count,
    }),
  }),
});

/** Where something that was interrupted goes on. */
export class PositionFile<T> {
  readonly #path: string;
  readonly #how: string;
  readonly #schema: z.ZodType<T>;

  /** @param how only the same thing, done in the same way, goes on where this one ended */
  constructor(path: string, how: string, schema: z.ZodType<T>) {
    this.#path = path;
    this.#how = how;
    this.#schema = schema;
  }

  /** @returns undefined if there is none, or none of the same */
  async read(): Promise<T | undefined> {
    try {
      const { how, position } = JSON.parse(await readFile(this.#path, 'utf8')) as { how: unknown; position: unknown };
      return how === this.#how ? this.#schema.parse(position) : undefined;
    } catch {
      return undefined;
    }
  }

  async write(position: T): Promise<void> {
    const draft = `${this.#path}.new`;
    await writeFile(draft, JSON.stringify({ how: this.#how, position }));
    await rename(draft, this.#path);
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}
