import { ImportRefused } from './errors';

/** Columns of a member file; only `name` must be there, in any order. */
export const MEMBER_COLUMNS = [
  'name',
  'phone',
  'email',
  'unionId',
  'idCard',
  'birthDate',
  'locale',
  'city',
  'tier',
  'tags',
  'marketingConsent',
  'accounts',
] as const;
export type MemberColumn = (typeof MEMBER_COLUMNS)[number];

/** Columns of an error report, which is read like a member file once its lines are corrected. */
export const REPORT_COLUMNS = ['line', 'code', 'message', 'raw'] as const;
/** Code of the report's row that holds the first line of the file it is about. */
export const REPORT_HEADER_CODE = 'COLUMNS';

export type Columns = readonly MemberColumn[];

export function isReportHeader(cells: readonly string[]): boolean {
  return cells.length === REPORT_COLUMNS.length && REPORT_COLUMNS.every((name, index) => cells[index] === name);
}

/** @throws ImportRefused if the names are not those of a member file */
export function readColumns(cells: readonly string[]): Columns {
  const unknown = cells.filter((name) => !isMemberColumn(name));
  if (unknown.length > 0) throw new ImportRefused(explainUnknown(unknown));
  const columns = cells.filter(isMemberColumn);
  const repeated = columns.find((name, index) => columns.indexOf(name) !== index);
  if (repeated !== undefined) throw new ImportRefused(`its first line names the column ${repeated} twice`);
  if (!columns.includes('name')) throw new ImportRefused('its first line does not name the column "name"');
  return columns;
}

function isMemberColumn(name: string): name is MemberColumn {
  return MEMBER_COLUMNS.some((column) => column === name);
}

const SHOWN_LENGTH = 40;

function explainUnknown(unknown: readonly string[]): string {
  const first = (unknown[0] ?? '').slice(0, SHOWN_LENGTH);
  const hint = /[;\t|]/.test(first) ? ' (cells are separated by commas)' : '';
  return `its first line names ${JSON.stringify(first)}, which is no column${hint}; columns are ${MEMBER_COLUMNS.join(', ')}`;
}
