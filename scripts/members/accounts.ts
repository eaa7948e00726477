import { PLATFORMS } from '../../topology';
import type { Country, NamePart } from './country';
import type { Random } from './random';

type Writer = (random: Random, given: NamePart, family: NamePart) => string;

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const MOST_ACCOUNTS = 20;
const NONE_PERCENT = 2;

/** Relative use; a platform that is not named here has the weight 1. */
const WEIGHTS: Readonly<Record<string, number>> = {
  app: 34,
  wechat: 24,
  web: 16,
  card: 11,
  alipay: 7,
  google: 5,
  apple: 3,
};

/** How accounts of a platform look; a platform that is not named here has random letters. */
const WRITERS: Readonly<Record<string, Writer>> = {
  app: (random, given) =>
    random.chance(4) ? `${given.written.normalize('NFC')}${random.below(1_000_000)}` : random.digits('N########'),
  web: (random, given, family) =>
    random.pick([
      `${given.latin}.${family.latin}${random.below(10_000)}`,
      `${given.latin.charAt(0).toUpperCase()}${given.latin.slice(1)}${random.below(100_000)}`,
      `${given.latin}${random.below(100_000)}@mail.example`,
      `the-${family.latin}s-${random.below(10_000)}`,
    ]),
  wechat: (random) => `o${random.text(27, `${LETTERS_AND_DIGITS}_-`)}`,
  alipay: (random) => random.digits('2088############'),
  apple: (random) => `${random.digits('00####')}.${random.text(32, '0123456789abcdef')}.${random.digits('####')}`,
  google: (random) => random.digits('1####################'),
  card: (random) => (random.chance(10) ? `GC:${random.digits('#### ####')}` : random.digits('62## #### #### ####')),
};

/** Draws accounts, each at most once. */
export class AccountMaker {
  readonly #random: Random;
  readonly #given = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Accounts of one person, written `platform:account`. */
  make(country: Country, given: NamePart, family: NamePart): readonly string[] {
    if (this.#random.chance(NONE_PERCENT)) return [];
    const count = this.#random.zipf(MOST_ACCOUNTS);
    return Array.from({ length: count }, () => this.#draw(country, given, family));
  }

  #draw(country: Country, given: NamePart, family: NamePart): string {
    const weightOf = (platform: string) => (WEIGHTS[platform] ?? 1) * (country.leaning?.[platform] ?? 1);
    for (;;) {
      const platform = this.#random.pickByWeight(Object.keys(PLATFORMS), weightOf);
      const write = WRITERS[platform] ?? ((random) => random.text(16, LETTERS_AND_DIGITS));
      const account = write(this.#random, given, family);
      const spelling = PLATFORMS[platform]?.ignoresCase === true ? account.toLowerCase() : account;
      const canonical = `${platform}:${spelling.normalize('NFC')}`;
      if (this.#given.has(canonical)) continue;
      this.#given.add(canonical);
      return `${platform}:${account}`;
    }
  }
}
