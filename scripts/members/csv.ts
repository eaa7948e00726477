import type { MemberCells } from './member';

export const HEADER = 'name,phone,email,unionId,idCard,birthDate,locale,city,tier,tags,marketingConsent,accounts';

/** A line of a member file, without its ending. */
export function lineOf(member: MemberCells): string {
  return cellsOf(member).map(quoted).join(',');
}

/** The texts of a member's cells, in the order of the header. */
export function cellsOf(member: MemberCells): readonly string[] {
  return [
    member.name,
    member.phone,
    member.email,
    member.unionId,
    member.idCard,
    member.birthDate,
    member.locale,
    member.city,
    member.tier,
    member.tags.join(';'),
    member.marketingConsent,
    member.accounts.length === 0 ? '' : JSON.stringify(member.accounts),
  ];
}

/** Quotes only where RFC 4180 asks for it. */
export function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
