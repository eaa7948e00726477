/** Codes of what is wrong with a line before it reaches the API; every other code in a report is the API's own. */
export const LINE_CODES = {
  BROKEN_QUOTES: 'a quoted cell is not closed on this line, or a quote stands in the middle of a cell',
  LINE_TOO_LONG: 'the line is longer than 256 KiB',
  INVALID_UTF8: 'the line is not UTF-8 text',
  NUL_BYTE: 'the line contains a NUL byte',
  COLUMN_COUNT: 'the line has another number of columns than the first line names',
  INVALID_CELL: 'a cell is not written as its column asks',
} as const;

export type LineCode = keyof typeof LINE_CODES;

/** One line can't be sent; the others can. */
export class LineError extends Error {
  readonly code: LineCode;

  constructor(code: LineCode, detail: string = LINE_CODES[code]) {
    super(detail);
    this.name = 'LineError';
    this.code = code;
  }
}

/** Nothing was sent, or nothing more can be: the file, the options, the key or the address are wrong. */
export class ImportRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImportRefused';
  }
}

/** The API could not be reached for as long as the caller wanted to wait. */
export class GaveUp extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'GaveUp';
  }
}
