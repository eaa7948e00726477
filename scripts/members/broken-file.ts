import { BROKEN_KINDS } from './broken-kinds';
import { HEADER, lineOf } from './csv';
import type { MemberCells, MemberMaker } from './member';
import type { Random } from './random';

/** What an import of the broken file must say. Lines are counted from 1, which is the header. */
export interface Expectation {
  readonly good: readonly number[];
  readonly blank: readonly number[];
  readonly bad: readonly { readonly line: number; readonly code: string; readonly kind: string }[];
}

const OF_EACH_KIND = 3;
const MOST_GOOD_BETWEEN = 3;
const BLANK_PERCENT = 4;

/** Names that spreadsheets would run as formulas; to us they are names. */
const FORMULA_NAMES = ['=1+1', '=HYPERLINK("http://mail.example","Ada")', '+49', '@SUM(A1:A9)', '-Ada-'];

export interface BrokenFile {
  readonly content: Buffer;
  readonly expectation: Expectation;
}

/** Lines broken on purpose, of every kind, between good ones. */
export function makeBrokenFile(maker: MemberMaker, random: Random): BrokenFile {
  const lines: Buffer[] = [Buffer.from(HEADER)];
  const good: number[] = [];
  const blank: number[] = [];
  const bad: Expectation['bad'][number][] = [];
  let earlier = withAccount(maker);
  const addGood = (member: MemberCells) => {
    lines.push(Buffer.from(lineOf(member)));
    good.push(lines.length);
  };
  addGood(earlier);
  for (const name of FORMULA_NAMES) addGood({ ...maker.make(), name });
  for (const broken of shuffled(random)) {
    lines.push(broken.make(maker.make(), random, earlier));
    bad.push({ line: lines.length, code: broken.code, kind: broken.kind });
    if (random.chance(BLANK_PERCENT)) {
      lines.push(Buffer.alloc(0));
      blank.push(lines.length);
    }
    for (let count = random.between(0, MOST_GOOD_BETWEEN); count > 0; count -= 1) {
      const member = maker.make();
      if (member.accounts.length > 0) earlier = member;
      addGood(member);
    }
  }
  const content = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
  return { content, expectation: { good, blank, bad } };
}

function shuffled(random: Random) {
  const order = Array.from({ length: OF_EACH_KIND }, () => BROKEN_KINDS).flat();
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    const [a, b] = [order[last], order[other]];
    if (a !== undefined && b !== undefined) [order[last], order[other]] = [b, a];
  }
  return order;
}

function withAccount(maker: MemberMaker): MemberCells {
  for (;;) {
    const member = maker.make();
    if (member.accounts.length > 0) return member;
  }
}
