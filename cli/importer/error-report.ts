import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, type FileHandle, open, rename, rm, stat, truncate } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { REPORT_COLUMNS, REPORT_HEADER_CODE } from './columns';

/** Text as it stands in the imported file: by its place there, or as bytes where it was wrapped in a report. */
export type RawText = { readonly start: number; readonly end: number } | Buffer;

export interface FailedLine {
  readonly line: number;
  readonly code: string;
  readonly message: string;
  readonly raw: RawText;
}

const QUOTE = 0x22;

/**
 * What could not be imported, with the original text byte for byte. It grows in a draft, which becomes the report when
 * the import has ended; a report that is already there is never overwritten, because someone may be correcting it.
 */
export class ErrorReport {
  readonly path: string;
  readonly #source: string;
  readonly #draft: string;
  #file: FileHandle | undefined;
  #bytes = 0;

  constructor(path: string, source: string) {
    this.path = path;
    this.#source = source;
    this.#draft = `${path}.part`;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the draft still holds the first `bytes` bytes that an interrupted import had written. */
  async holds(bytes: number): Promise<boolean> {
    if (bytes === 0) return true;
    const found = await stat(this.#draft).catch(() => undefined);
    return found !== undefined && found.size >= bytes;
  }

  /** Goes on behind the first `bytes` bytes, or starts anew with 0. */
  async resume(bytes: number): Promise<void> {
    if (bytes === 0) {
      await rm(this.#draft, { force: true });
      return;
    }
    await truncate(this.#draft, bytes);
    this.#file = await open(this.#draft, 'a');
    this.#bytes = bytes;
  }

  /** @param header the imported file's own first line, which the corrected report needs to be read */
  async add(failed: FailedLine, header: Buffer): Promise<void> {
    if (this.#file === undefined) {
      this.#file = await open(this.#draft, 'a');
      await this.#write(Buffer.from(`${REPORT_COLUMNS.join(',')}\n`));
      await this.#addRow({ line: 1, code: REPORT_HEADER_CODE, message: 'the columns of the file', raw: header });
    }
    await this.#addRow(failed);
  }

  /** Makes what was added outlive a loss of power. */
  async sync(): Promise<void> {
    await this.#file?.sync();
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  /**
   * Gives the finished draft its name.
   * @returns its path, or undefined if every line was imported
   */
  async publish(): Promise<string | undefined> {
    await this.close();
    const draft = await readable(this.#draft);
    if (await readable(this.path)) {
      if (draft && (await equal(this.#draft, this.path))) await rm(this.path);
      else await rename(this.path, await this.#freeName());
    }
    if (!draft) return undefined;
    await rename(this.#draft, this.path);
    return this.path;
  }

  async #freeName(): Promise<string> {
    const stem = this.path.replace(/\.csv$/, '');
    for (let number = 1; ; number += 1) {
      const name = `${stem}.${number}.csv`;
      if (!(await readable(name))) return name;
    }
  }

  async #addRow({ line, code, message, raw }: FailedLine): Promise<void> {
    await this.#write(Buffer.from(`${line},${code},"${message.replaceAll('"', '""')}","`));
    if (Buffer.isBuffer(raw)) await this.#write(escapeQuotes(raw));
    else await this.#copy(raw.start, raw.end);
    await this.#write(Buffer.from('"\n'));
  }

  /** Lines may be longer than the memory, so they are copied from where they stand. */
  async #copy(start: number, end: number): Promise<void> {
    if (end <= start) return;
    for await (const chunk of createReadStream(this.#source, { start, end: end - 1 }) as AsyncIterable<Buffer>) {
      await this.#write(escapeQuotes(chunk));
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#file === undefined) return;
    await this.#file.appendFile(bytes);
    this.#bytes += bytes.length;
  }
}

function escapeQuotes(bytes: Buffer): Buffer {
  if (!bytes.includes(QUOTE)) return bytes;
  // Latin-1 maps every byte to one character and back, so bytes that are no text pass unharmed.
  return Buffer.from(bytes.toString('latin1').replaceAll('"', '""'), 'latin1');
}

async function readable(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function equal(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([hashOf(one), hashOf(other)]);
  return a === b;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
