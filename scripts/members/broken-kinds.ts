import { cellsOf, lineOf, quoted } from './csv';
import type { MemberCells } from './member';
import type { Random } from './random';

/** A way to break a line, and the code that its import must report. */
export interface BrokenKind {
  readonly kind: string;
  readonly code: string;
  /** @param earlier a good line that stands before this one in the file */
  make(member: MemberCells, random: Random, earlier: MemberCells): Buffer;
}

const REFUSED = 'INVALID_REQUEST';

function withCells(kind: string, code: string, change: (random: Random) => Partial<MemberCells>): BrokenKind {
  return { kind, code, make: (member, random) => Buffer.from(lineOf({ ...member, ...change(random) })) };
}

function withText(kind: string, code: string, change: (line: string, member: MemberCells) => string): BrokenKind {
  return { kind, code, make: (member) => Buffer.from(change(lineOf(member), member)) };
}

/** Replaces one cell by text that is not quoted for it. */
function withRawCell(kind: string, code: string, column: number, text: string): BrokenKind {
  return withText(kind, code, (_, member) =>
    cellsOf(member)
      .map((cell, index) => (index === column ? text : quoted(cell)))
      .join(','),
  );
}

const ACCOUNTS = 11;
const CONSENT = 10;
const TAGS = 9;
const A_MEGABYTE = 1_000_000;

const fields: readonly BrokenKind[] = [
  withCells('missing name', REFUSED, () => ({ name: '' })),
  withCells('name of spaces', REFUSED, () => ({ name: '   ' })),
  withCells('over-long name', REFUSED, () => ({ name: 'Ada '.repeat(26).trim() })),
  withCells('control character', REFUSED, () => ({ name: 'Ada\u0007Lovelace' })),
  withCells('invalid phone', REFUSED, (random) => ({
    phone: random.pick(['0151 2345678', '+49 151 2345678', '+0123456789', '+4915', 'call me', '+49151234567890123']),
  })),
  withCells('formula as phone', REFUSED, () => ({ phone: '=1+1' })),
  withCells('formula as tier', REFUSED, () => ({ tier: '=HYPERLINK("http://mail.example","gold")' })),
  withCells('invalid email', REFUSED, (random) => ({
    email: random.pick(['ada@', '@mail.example', 'ada at mail', 'a@b@c']),
  })),
  withCells('invalid identity card', REFUSED, () => ({ idCard: '11010519491231__002X' })),
  withCells('day that is none', REFUSED, (random) => ({
    birthDate: random.pick(['2001-02-30', '01.02.2001', '1899-12-31']),
  })),
  withCells('birth in the future', REFUSED, () => ({ birthDate: '9999-01-01' })),
  withCells('invalid locale', REFUSED, () => ({ locale: 'not_a_locale!' })),
  withCells('unknown tier', REFUSED, (random) => ({ tier: random.pick(['diamond', 'GOLD', '3']) })),
  withCells('over-long tag', REFUSED, () => ({ tags: ['x'.repeat(41)] })),
  withCells('too many tags', REFUSED, () => ({ tags: Array.from({ length: 33 }, (_, index) => `tag-${index}`) })),
  withCells('repeated tag', REFUSED, () => ({ tags: ['vip', 'vip'] })),
  withRawCell('tags as JSON', 'INVALID_CELL', TAGS, '"[""vip"", newsletter"'),
  withRawCell('consent that is neither', 'INVALID_CELL', CONSENT, 'maybe'),
];

const accounts: readonly BrokenKind[] = [
  withCells('unknown platform', REFUSED, (random) => ({
    accounts: [`${random.pick(['myspace', 'App', 'wecaht'])}:tom`],
  })),
  withCells('platform of every object', REFUSED, (random) => ({
    accounts: [`${random.pick(['__proto__', 'constructor'])}:tom`],
  })),
  withCells('over-long account', REFUSED, () => ({ accounts: [`app:${'9'.repeat(129)}`] })),
  withCells('empty account', REFUSED, () => ({ accounts: ['app:'] })),
  withCells('surrounded account', REFUSED, () => ({ accounts: ['app: 12345 '] })),
  withCells('control character in an account', REFUSED, () => ({ accounts: ['app:12\u000045'] })),
  withCells('repeated account', REFUSED, (random) => {
    const account = `web:Twice${random.digits('########')}`;
    return { accounts: [account, account.toLowerCase()] };
  }),
  withCells('account without platform', 'INVALID_CELL', () => ({ accounts: ['tom'] })),
  withRawCell('accounts that are no JSON', 'INVALID_CELL', ACCOUNTS, '[app:tom'),
  withRawCell('accounts as object', 'INVALID_CELL', ACCOUNTS, '"{""app"":""tom""}"'),
  {
    kind: 'account of another line',
    code: 'ACCOUNT_BOUND',
    make: (member, _, earlier) => Buffer.from(lineOf({ ...member, accounts: earlier.accounts.slice(0, 1) })),
  },
];

const lines: readonly BrokenKind[] = [
  withText('too few columns', 'COLUMN_COUNT', (_, member) => cellsOf(member).slice(0, TAGS).map(quoted).join(',')),
  withText('too many columns', 'COLUMN_COUNT', (line) => `${line},one more`),
  withText('unclosed quote', 'BROKEN_QUOTES', (_, member) => `"${lineOf({ ...member, name: 'Ada' })}`),
  withText('unclosed quote at the end', 'BROKEN_QUOTES', (_, member) => {
    const cells = cellsOf(member).map(quoted);
    return [...cells.slice(0, ACCOUNTS), '"[""app:tom""]'].join(',');
  }),
  withText('quote inside a cell', 'BROKEN_QUOTES', (line) => `Ada "Countess" ${line.replaceAll('"', '')}`),
  withText('text behind a quote', 'BROKEN_QUOTES', (line) => `"Ada" ${line}`),
  {
    kind: 'invalid UTF-8',
    code: 'INVALID_UTF8',
    make: (member) => latin1Name(lineOf({ ...member, name: 'Zo\u00eb' })),
  },
  withCells('NUL byte', 'NUL_BYTE', () => ({ name: 'Ada\u0000' })),
  withCells('field of a megabyte', 'LINE_TOO_LONG', () => ({ city: 'x'.repeat(A_MEGABYTE) })),
];

/** Every way to break a line that we could think of; an empty line is no member and no fault. */
export const BROKEN_KINDS: readonly BrokenKind[] = [...fields, ...accounts, ...lines];

/** Its first e with diaeresis becomes the one byte that Latin-1 has for it. */
function latin1Name(line: string): Buffer {
  const at = line.indexOf('\u00eb');
  return Buffer.concat([Buffer.from(line.slice(0, at)), Buffer.from([0xeb]), Buffer.from(line.slice(at + 1))]);
}
