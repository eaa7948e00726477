import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeBrokenFile } from './broken-file';
import { HEADER, lineOf } from './csv';
import { MemberMaker } from './member';
import { Random } from './random';

export interface GenerateOptions {
  readonly members: number;
  readonly out: string;
  /** Path of a second file with lines broken on purpose. */
  readonly broken?: string;
  /** Path of what an import of the second file must say. */
  readonly expect?: string;
  readonly seed?: number;
}

export const DEFAULT_SEED = 1;

/** Writes member files. The same options make the same bytes on every machine. */
export async function generateMembers(options: GenerateOptions): Promise<void> {
  const random = new Random(options.seed ?? DEFAULT_SEED);
  const maker = new MemberMaker(random);
  await pipeline(Readable.from(memberLines(maker, options.members)), createWriteStream(options.out));
  if (options.broken === undefined) return;
  const { content, expectation } = makeBrokenFile(maker, random);
  await writeFile(options.broken, content);
  if (options.expect !== undefined) await writeFile(options.expect, `${JSON.stringify(expectation, undefined, 2)}\n`);
}

const LINES_AT_A_TIME = 256;

/** The text of a file of members, in pieces. */
export function* memberLines(maker: MemberMaker, members: number): Generator<string> {
  yield `${HEADER}\n`;
  for (let made = 0; made < members; made += LINES_AT_A_TIME) {
    const count = Math.min(LINES_AT_A_TIME, members - made);
    yield Array.from({ length: count }, () => `${lineOf(maker.make())}\n`).join('');
  }
}
