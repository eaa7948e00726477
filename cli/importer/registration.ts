import { type Columns, MEMBER_COLUMNS, type MemberColumn } from './columns';
import { LineError } from './errors';

export interface Account {
  readonly platform: string;
  readonly account: string;
}

/** Body of `POST /members`. What its values may be is the API's to judge, so most of them pass as they are. */
export interface Registration {
  readonly profile: Readonly<Record<string, string | boolean | readonly string[]>>;
  readonly accounts?: readonly Account[];
}

/** @throws LineError COLUMN_COUNT or INVALID_CELL */
export function readRegistration(cells: readonly string[], columns: Columns): Registration {
  if (cells.length !== columns.length) {
    throw new LineError('COLUMN_COUNT', `the line has ${cells.length} columns, not ${columns.length}`);
  }
  const profile: Record<string, string | boolean | readonly string[]> = {};
  let accounts: readonly Account[] = [];
  // Not in the order of the file: equal lines make equal bodies, byte for byte.
  for (const column of MEMBER_COLUMNS) {
    const cell = cells[columns.indexOf(column)];
    // An empty cell says nothing about its field; an empty name is left for the API to refuse.
    if (cell === undefined || (cell === '' && column !== 'name')) continue;
    if (column === 'accounts') accounts = readAccounts(cell);
    else profile[column] = readField(column, cell);
  }
  return accounts.length === 0 ? { profile } : { profile, accounts };
}

function readField(column: MemberColumn, cell: string): string | boolean | readonly string[] {
  if (column === 'tags') return readTags(cell);
  if (column === 'marketingConsent') return readConsent(cell);
  return cell;
}

function readTags(cell: string): readonly string[] {
  if (/^\s*[[{]/.test(cell)) throw new LineError('INVALID_CELL', 'tags: are separated by ";", not written as JSON');
  return cell.split(';');
}

/** Spreadsheets write booleans in capitals. */
function readConsent(cell: string): boolean {
  if (/^true$/i.test(cell)) return true;
  if (/^false$/i.test(cell)) return false;
  throw new LineError('INVALID_CELL', 'marketingConsent: is neither true nor false');
}

function readAccounts(cell: string): readonly Account[] {
  const listed = parseJson(cell);
  if (!Array.isArray(listed)) {
    throw new LineError('INVALID_CELL', 'accounts: is not a JSON list such as ["app:anna","card:6222 0000"]');
  }
  return listed.map(readAccount);
}

/** The first colon separates: no platform has one in its name, accounts may. */
function readAccount(entry: unknown, index: number): Account {
  const colon = typeof entry === 'string' ? entry.indexOf(':') : -1;
  if (typeof entry !== 'string' || colon < 1) {
    throw new LineError('INVALID_CELL', `accounts: entry ${index + 1} is not written "platform:account"`);
  }
  return { platform: entry.slice(0, colon), account: entry.slice(colon + 1) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
