import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { scanLine, scanRecord } from './scan-record';

/** Longest record that is read; far above what the API takes, far below what could fill the memory. */
export const MAX_RECORD_BYTES = 256 * 1024;
const BUFFER_BYTES = 4 * MAX_RECORD_BYTES;
/** Room for a line ending and a byte order mark besides the longest record. */
const SLACK_BYTES = 16;
const LINE_ENDING_BYTES = 2;
const LF = 0x0a;
const CR = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** One record of a file as bytes, before anything in it is decoded. */
export interface Frame {
  /** Position among all frames, from 0. */
  readonly index: number;
  /** Physical line on which it starts, from 1. */
  readonly line: number;
  /** Byte offsets in the file: of the text without its line ending, and of the next frame. */
  readonly start: number;
  readonly end: number;
  readonly next: number;
  /** Bytes of the text, valid until the next frame is read; empty if the line is too long. */
  readonly text: Buffer;
  /** SHA-256 of all bytes from the frame before to the next one. */
  readonly digest: Buffer;
  readonly fault?: 'BROKEN_QUOTES' | 'LINE_TOO_LONG';
}

/**
 * Cuts a file into records in constant memory. A record whose quotes are broken costs only the physical line on which
 * it starts: reading goes on at the next line, so one forgotten quote doesn't swallow the rest of the file.
 */
export class FrameReader {
  /** Columns that a record over several lines must have; without it any number will do. */
  columns: number | undefined;
  readonly #file: FileHandle;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  /** Offset in the file of the buffer's first byte. */
  #origin = 0;
  #at = 0;
  #filled = 0;
  #atEndOfFile = false;
  #index = 0;
  #line = 1;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @returns undefined at the end of the file */
  async next(): Promise<Frame | undefined> {
    await this.#fill();
    const framed = this.#at;
    if (this.#index === 0 && this.#buffer.subarray(framed, this.#filled).indexOf(BYTE_ORDER_MARK) === 0) {
      this.#at += BYTE_ORDER_MARK.length;
    }
    if (this.#at >= this.#filled) return undefined;
    const limit = Math.min(this.#filled, this.#at + MAX_RECORD_BYTES + LINE_ENDING_BYTES);
    const line = scanLine(this.#buffer, this.#at, limit);
    if (line.textEnd - this.#at > MAX_RECORD_BYTES) return await this.#tooLong(framed);
    const record = scanRecord(this.#buffer, this.#at, limit);
    if (record === undefined || !this.#isWhole(record)) return this.#frame(framed, line, 1, 'BROKEN_QUOTES');
    return this.#frame(framed, record, record.lines);
  }

  #isWhole(record: { lines: number; columns: number; textEnd: number }): boolean {
    if (record.textEnd - this.#at > MAX_RECORD_BYTES) return false;
    // Two broken lines can close each other's quotes; they rarely make the right number of columns as well.
    return record.lines === 1 || this.columns === undefined || record.columns === this.columns;
  }

  #frame(framed: number, bounds: { textEnd: number; next: number }, lines: number, fault?: Frame['fault']): Frame {
    const frame = {
      index: this.#index,
      line: this.#line,
      start: this.#origin + this.#at,
      end: this.#origin + bounds.textEnd,
      next: this.#origin + bounds.next,
      text: this.#buffer.subarray(this.#at, bounds.textEnd),
      digest: createHash('sha256').update(this.#buffer.subarray(framed, bounds.next)).digest(),
      ...(fault === undefined ? {} : { fault }),
    };
    this.#at = bounds.next;
    this.#index += 1;
    this.#line += lines;
    return frame;
  }

  /** Skips a line that is too long to be held, and remembers only where it is. */
  async #tooLong(framed: number): Promise<Frame> {
    const start = this.#origin + this.#at;
    const hash = createHash('sha256').update(this.#buffer.subarray(framed, this.#at));
    let lastByte = 0;
    for (;;) {
      const found = this.#buffer.subarray(this.#at, this.#filled).indexOf(LF);
      const stop = found === -1 ? this.#filled : this.#at + found;
      if (stop > this.#at) lastByte = this.#buffer[stop - 1] ?? 0;
      hash.update(this.#buffer.subarray(this.#at, stop));
      this.#at = stop;
      if (found !== -1) return this.#skipped(start, hash, lastByte === CR ? 1 : 0);
      if (this.#atEndOfFile) return this.#skipped(start, hash, 0);
      await this.#fill();
    }
  }

  #skipped(start: number, hash: Hash, carriageReturn: number): Frame {
    const textEnd = this.#origin + this.#at;
    if (this.#at < this.#filled) {
      hash.update(this.#buffer.subarray(this.#at, this.#at + 1));
      this.#at += 1;
    }
    const frame: Frame = {
      index: this.#index,
      line: this.#line,
      start,
      end: textEnd - carriageReturn,
      next: this.#origin + this.#at,
      text: Buffer.alloc(0),
      digest: hash.digest(),
      fault: 'LINE_TOO_LONG',
    };
    this.#index += 1;
    this.#line += 1;
    return frame;
  }

  /** Sees to it that a whole record of the greatest length lies in the buffer, or all that is left of the file. */
  async #fill(): Promise<void> {
    if (this.#atEndOfFile || this.#filled - this.#at > MAX_RECORD_BYTES + SLACK_BYTES) return;
    this.#buffer.copyWithin(0, this.#at, this.#filled);
    this.#origin += this.#at;
    this.#filled -= this.#at;
    this.#at = 0;
    while (this.#filled < this.#buffer.length) {
      const space = this.#buffer.length - this.#filled;
      const { bytesRead } = await this.#file.read(this.#buffer, this.#filled, space, this.#origin + this.#filled);
      if (bytesRead === 0) {
        this.#atEndOfFile = true;
        return;
      }
      this.#filled += bytesRead;
    }
  }
}
