const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

export interface RecordBounds {
  /** Offset of the first byte behind the text, where the line ending starts. */
  readonly textEnd: number;
  /** Offset of the first byte of the next record. */
  readonly next: number;
  /** Physical lines that the record covers. */
  readonly lines: number;
  readonly columns: number;
}

/**
 * Bounds of the record that starts at `from`, by the quoting of RFC 4180.
 * @param to end of the bytes that may be looked at; text that ends there without a line break is the file's last record
 * @returns undefined if quotes are out of place, or not closed before `to`
 */
export function scanRecord(bytes: Buffer, from: number, to: number): RecordBounds | undefined {
  let at = from;
  let columns = 1;
  let lineBreaks = 0;
  for (;;) {
    if (at < to && bytes[at] === QUOTE) {
      const quoted = scanQuoted(bytes, at, to);
      if (quoted === undefined) return undefined;
      lineBreaks += quoted.lineBreaks;
      at = quoted.end;
    } else {
      at = scanPlain(bytes, at, to);
    }
    if (at < to && bytes[at] === COMMA) {
      columns += 1;
      at += 1;
      continue;
    }
    const ending = lineEndingAt(bytes, at, to);
    return ending === undefined ? undefined : { textEnd: at, next: at + ending, lines: lineBreaks + 1, columns };
  }
}

/** Bounds of the physical line at `from`, whatever its quotes. */
export function scanLine(bytes: Buffer, from: number, to: number): { textEnd: number; next: number } {
  const lineFeed = bytes.subarray(from, to).indexOf(LF);
  if (lineFeed === -1) return { textEnd: to, next: to };
  const end = from + lineFeed;
  return { textEnd: end > from && bytes[end - 1] === CR ? end - 1 : end, next: end + 1 };
}

/** First byte behind an unquoted cell: a comma, a line ending, the end, or a quote that should not be there. */
function scanPlain(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = bytes[at];
    if (byte === COMMA || byte === LF || byte === QUOTE) break;
    if (byte === CR && at + 1 < to && bytes[at + 1] === LF) break;
    at += 1;
  }
  return at;
}

function scanQuoted(bytes: Buffer, from: number, to: number): { end: number; lineBreaks: number } | undefined {
  let lineBreaks = 0;
  let at = from + 1;
  while (at < to) {
    const byte = bytes[at];
    if (byte === LF) {
      lineBreaks += 1;
    } else if (byte === QUOTE) {
      if (at + 1 >= to || bytes[at + 1] !== QUOTE) return { end: at + 1, lineBreaks };
      at += 1;
    }
    at += 1;
  }
  return undefined;
}

/** Length of the line ending at `at` (0 at the end of the bytes); undefined if there is none. */
function lineEndingAt(bytes: Buffer, at: number, to: number): number | undefined {
  if (at >= to) return 0;
  if (bytes[at] === LF) return 1;
  return bytes[at] === CR && at + 1 < to && bytes[at + 1] === LF ? 2 : undefined;
}
