import { parse } from 'csv-parse/sync';
import { LineError } from './errors';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The cells of one record.
 * @throws LineError INVALID_UTF8, NUL_BYTE or BROKEN_QUOTES
 */
export function readCells(text: Buffer): readonly string[] {
  return parseRecord(decodeText(text), 'utf8');
}

/** The cells of one record as bytes, whatever they encode. @throws LineError BROKEN_QUOTES */
export function readByteCells(text: Buffer): readonly Buffer[] {
  // Latin-1 maps every byte to one character and back, so bytes that are no text pass unharmed.
  return parseRecord(text, 'latin1').map((cell) => Buffer.from(cell, 'latin1'));
}

/** @throws LineError INVALID_UTF8 or NUL_BYTE */
function decodeText(bytes: Buffer): string {
  if (bytes.includes(0)) throw new LineError('NUL_BYTE');
  try {
    return utf8.decode(bytes);
  } catch {
    throw new LineError('INVALID_UTF8');
  }
}

function parseRecord(record: string | Buffer, encoding: 'utf8' | 'latin1'): readonly string[] {
  try {
    // The record is cut out already, so no length is too much for it.
    return parse(record, { encoding, record_delimiter: '\n', max_record_size: 0 })[0] ?? [];
  } catch {
    throw new LineError('BROKEN_QUOTES');
  }
}
