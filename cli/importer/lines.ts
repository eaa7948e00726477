import type { FileHandle } from 'node:fs/promises';
import { readByteCells, readCells } from './cells';
import { type Columns, isReportHeader, REPORT_COLUMNS, REPORT_HEADER_CODE, readColumns } from './columns';
import type { RawText } from './error-report';
import { ImportRefused, LineError } from './errors';
import { type Frame, FrameReader } from './frames';
import { contentHash, equalMark, idempotencyKey, markedOccurrence, Occurrences } from './identity';
import { type Registration, readRegistration } from './registration';
import { scanRecord } from './scan-record';

export type Line =
  | { readonly kind: 'blank'; readonly frame: Frame }
  | {
      readonly kind: 'member';
      readonly frame: Frame;
      readonly raw: RawText;
      readonly registration: Registration;
      readonly key: string;
      /** To be told of the line where it fails; empty unless the file has said the same before. */
      readonly mark: string;
    }
  | { readonly kind: 'faulty'; readonly frame: Frame; readonly raw: RawText; readonly error: LineError };

/** Reads a member file, or the error report of one, line by line. */
export class LineReader {
  readonly #frames: FrameReader;
  readonly #scope: string;
  readonly #occurrences = new Occurrences();
  #columns: Columns = [];
  #header: Buffer = Buffer.alloc(0);
  #isReport = false;

  private constructor(frames: FrameReader, scope: string) {
    this.#frames = frames;
    this.#scope = scope;
  }

  /** @throws ImportRefused if the file does not start as a member file or an error report does */
  static async open(file: FileHandle, scope: string): Promise<LineReader> {
    const reader = new LineReader(new FrameReader(file), scope);
    await reader.#readHeader();
    return reader;
  }

  /** The line that names the columns, as it stands in the file, or stood in the file that a report is about. */
  get header(): Buffer {
    return this.#header;
  }

  /** Frames that were read before the first line: blank ones and those that name the columns. */
  preamble: Frame[] = [];

  /** @returns undefined at the end of the file */
  async next(): Promise<Line | undefined> {
    const frame = await this.#frames.next();
    if (frame === undefined) return undefined;
    if (frame.text.length === 0 && frame.fault === undefined) return { kind: 'blank', frame };
    const place = { start: frame.start, end: frame.end };
    try {
      if (frame.fault !== undefined) throw new LineError(frame.fault);
      if (!this.#isReport) return this.#readMember(frame, frame.text, place);
      return this.#readReported(frame, reportedRow(frame.text));
    } catch (error) {
      return faulty(frame, place, error);
    }
  }

  #readReported(frame: Frame, { text, message }: ReportedRow): Line {
    try {
      if (scanRecord(text, 0, text.length)?.next !== text.length) throw new LineError('BROKEN_QUOTES');
      return this.#readMember(frame, text, text, message);
    } catch (error) {
      return faulty(frame, text, error);
    }
  }

  #readMember(frame: Frame, text: Buffer, raw: RawText, reported = ''): Line {
    const registration = readRegistration(readCells(text), this.#columns);
    const content = contentHash(registration, this.#scope);
    // Accounts tell members apart; without any, two equal lines are two people of the same name.
    const occurrence =
      registration.accounts === undefined
        ? (markedOccurrence(reported, content) ?? this.#occurrences.count(content))
        : 1;
    const key = idempotencyKey(content, occurrence);
    return { kind: 'member', frame, raw, registration, key, mark: equalMark(content, occurrence) };
  }

  async #readHeader(): Promise<void> {
    const first = await this.#headerText();
    const cells = headerCells(first);
    this.#isReport = isReportHeader(cells);
    this.#header = this.#isReport ? await this.#reportedHeader() : first;
    this.#columns = readColumns(this.#isReport ? headerCells(this.#header) : cells);
    this.#frames.columns = this.#isReport ? REPORT_COLUMNS.length : this.#columns.length;
  }

  /** The next frame that is not blank. */
  async #headerText(): Promise<Buffer> {
    for (;;) {
      const frame = await this.#frames.next();
      if (frame === undefined) throw new ImportRefused('it is empty; its first line must name the columns');
      if (frame.fault !== undefined) throw new ImportRefused(`its first line is refused: ${frame.fault}`);
      const text = Buffer.from(frame.text);
      this.preamble.push({ ...frame, text });
      if (text.length > 0) return text;
    }
  }

  async #reportedHeader(): Promise<Buffer> {
    const [, code, , raw] = readByteCells(await this.#headerText());
    if (raw === undefined || code?.toString() !== REPORT_HEADER_CODE) {
      throw new ImportRefused(`it is an error report without its row ${REPORT_HEADER_CODE}, which names the columns`);
    }
    return raw;
  }
}

function headerCells(text: Buffer): readonly string[] {
  if (text[0] === 0xff || text[0] === 0xfe) throw new ImportRefused('it is UTF-16 text; save it as UTF-8');
  try {
    return readCells(text);
  } catch (error) {
    if (error instanceof LineError) throw new ImportRefused(`its first line is refused: ${error.message}`);
    throw error;
  }
}

/** A line that was set aside, and what was said of it. */
interface ReportedRow {
  readonly text: Buffer;
  readonly message: string;
}

function reportedRow(row: Buffer): ReportedRow {
  const cells = readByteCells(row);
  const text = cells[REPORT_COLUMNS.indexOf('raw')];
  const message = cells[REPORT_COLUMNS.indexOf('message')]?.toString() ?? '';
  if (text === undefined || cells.length !== REPORT_COLUMNS.length) {
    throw new LineError('COLUMN_COUNT', `the row has ${cells.length} columns, not those of an error report`);
  }
  return { text, message };
}

function faulty(frame: Frame, raw: RawText, error: unknown): Line {
  if (error instanceof LineError) return { kind: 'faulty', frame, raw, error };
  throw error;
}
