import { AccountMaker } from './accounts';
import { ASIAN_COUNTRIES } from './countries-asia';
import { WESTERN_COUNTRIES } from './countries-west';
import type { Country, NamePart } from './country';
import { idCardOf } from './id-cards';
import type { Random } from './random';

/** One line of a member file, cell by cell; an empty text is an empty cell. */
export interface MemberCells {
  readonly name: string;
  readonly phone: string;
  readonly email: string;
  readonly unionId: string;
  readonly idCard: string;
  readonly birthDate: string;
  readonly locale: string;
  readonly city: string;
  readonly tier: string;
  readonly tags: readonly string[];
  readonly marketingConsent: '' | 'true' | 'false';
  readonly accounts: readonly string[];
}

const COUNTRIES: readonly Country[] = [...ASIAN_COUNTRIES, ...WESTERN_COUNTRIES];
const TIERS = [
  { tier: 'basic', weight: 68 },
  { tier: 'silver', weight: 21 },
  { tier: 'gold', weight: 9 },
  { tier: 'platinum', weight: 2 },
];
const TAGS =
  'newsletter, vip, early-adopter, birthday-club, outlet, returns-often, store-pickup, gift-buyer, student, family, 老客户, мода, enfants, スニーカー, eco';
/** Domains that no one can have, so that no test ever writes to a person. */
const MAIL_DOMAINS = ['mail.example', 'post.example', 'inbox.example', 'correo.example', 'example.com', 'example.org'];

/** Makes members one after another; no two of them share an account. */
export class MemberMaker {
  readonly #random: Random;
  readonly #accounts: AccountMaker;
  readonly #tags = TAGS.split(', ');

  constructor(random: Random) {
    this.#random = random;
    this.#accounts = new AccountMaker(random);
  }

  make(): MemberCells {
    const random = this.#random;
    const country = random.pickByWeight(COUNTRIES, ({ weight }) => weight);
    const given = random.pick(country.given);
    const family = random.pick(country.family);
    const birthDate = this.#birthDate();
    const accounts = this.#accounts.make(country, given, family);
    return {
      name: this.#name(country, given, family),
      phone: random.chance(92) ? random.digits(random.pick(country.phones)) : '',
      email: random.chance(70) ? this.#email(given, family) : '',
      unionId: accounts.some((account) => account.startsWith('wechat:')) ? unionId(random) : '',
      idCard: random.chance(12) ? idCardOf(country.locale, birthDate, random) : '',
      birthDate: random.chance(75) ? birthDate : '',
      locale: country.locale,
      city: random.chance(88) ? random.pick(country.cities) : '',
      tier: random.pickByWeight(TIERS, ({ weight }) => weight).tier,
      tags: this.#pickTags(),
      marketingConsent: random.chance(6) ? '' : random.chance(55) ? 'true' : 'false',
      accounts,
    };
  }

  #name(country: Country, given: NamePart, family: NamePart): string {
    const random = this.#random;
    const parts = country.order === 'given family' ? [given, family] : [family, given];
    const name = parts.map(({ written }) => written).join(country.order === 'familygiven' ? '' : ' ');
    if (random.chance(1)) return `${name}, ${random.pick(['Jr.', 'PhD', 'M.D.', 'III'])}`;
    if (random.chance(1)) return `${given.written} "${random.pick(['Pepe', 'Ace', 'Mimi', '小明'])}" ${family.written}`;
    // Some systems write marks as characters of their own.
    if (random.chance(3)) return name.normalize('NFD');
    return name;
  }

  #email(given: NamePart, family: NamePart): string {
    const random = this.#random;
    const domain = random.pickByWeight(MAIL_DOMAINS, (name) => (name === 'mail.example' ? 6 : 1));
    if (random.chance(1)) return `${family.written.replace(/[^\p{L}\p{M}]/gu, '')}@例子.example`;
    const local = random.pick([
      `${given.latin}.${family.latin}${random.between(1, 999)}`,
      `${given.latin}${random.between(1940, 2010)}`,
      `${given.latin.charAt(0)}.${family.latin}+shop${random.below(1000)}`,
      `${capitalised(given.latin)}.${capitalised(family.latin)}${random.below(100)}`,
      `${given.latin}_${random.below(100_000)}`,
    ]);
    return `${local}@${domain}`;
  }

  #birthDate(): string {
    const year = this.#random.between(1938, 2007);
    const month = this.#random.between(1, 12);
    const day = this.#random.between(1, 28);
    return [year, month, day].map((number) => String(number).padStart(2, '0')).join('-');
  }

  #pickTags(): readonly string[] {
    const random = this.#random;
    if (random.chance(45)) return [];
    const count = random.zipf(6);
    return [...new Set(Array.from({ length: count }, () => random.pick(this.#tags)))];
  }
}

function unionId(random: Random): string {
  return `o${random.text(27, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-')}`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
