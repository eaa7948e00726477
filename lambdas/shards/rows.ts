import type { Fork, MemberDocument, MemberRow } from '../core';

type Row = Readonly<Record<string, unknown>>;

/** A member's row as the database gives it; undefined if a join found none. */
export function memberRow(row: Row | undefined): MemberRow | undefined {
  if (row === undefined || row.document === null) return undefined;
  return { document: parse<MemberDocument>(row.document), forks: parse<readonly Fork[]>(row.forks) };
}

/** MariaDB gives JSON columns as text; MySQL may give them parsed. */
export function parse<T>(value: unknown): T {
  return (typeof value === 'string' ? JSON.parse(value) : value) as T;
}
