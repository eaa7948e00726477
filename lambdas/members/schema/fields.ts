import * as z from 'zod/mini';
import { isDay } from './calendar';
import { codePoints, isWellFormed, reasoned, text } from './text';

/** The fields of a profile, one schema each: what a caller may send, and the form in which it is kept. */

const TAG_LENGTH = 40;
const MAX_TAGS = 32;
const MAX_EMAIL_LENGTH = 254;
const MAX_ID_CARD_LENGTH = 64;
const MAX_LOCALE_LENGTH = 35;

const PHONE = /^\+[1-9][0-9]{6,14}$/;
const ID_CARD = /^[0-9A-Za-z]+([ ./-][0-9A-Za-z]+)*$/;
const LOCAL_PART = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN =
  /^([\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])$/u;

export const name = text(100, { description: 'Name by which the member is addressed.', examples: ['Ada Lovelace'] });
export const city = text(100, { description: 'City, as it is searched.', examples: ['Lisbon'] });
export const tag = text(TAG_LENGTH, { description: 'A label of your own.', examples: ['newsletter'] });
export const unionId = text(128, {
  description: 'Id that several apps share for one person.',
  examples: ['o6_bmasdasdsad6_2sgVt7hMZOPfL'],
});

export const phone = z.string().check(
  reasoned((value) => (PHONE.test(value) ? undefined : 'must be a phone number in E.164, as in +<country><number>')),
  z.meta({ description: 'E.164, without spaces.', pattern: PHONE.source, examples: ['+351912345678'] }),
);

export const email = z.string().check(
  z.normalize('NFC'),
  reasoned((value) => (isEmail(value) ? undefined : 'must be an e-mail address')),
  z.meta({
    description: 'Kept as given; looked up without regard to case.',
    format: 'idn-email',
    maxLength: MAX_EMAIL_LENGTH,
    examples: ['Ada@example.com'],
  }),
);

function isEmail(value: string): boolean {
  if (value.length > 2 * MAX_EMAIL_LENGTH || codePoints(value) > MAX_EMAIL_LENGTH || !isWellFormed(value)) return false;
  const at = value.lastIndexOf('@');
  const local = value.slice(0, at);
  return at > 0 && codePoints(local) <= 64 && LOCAL_PART.test(local) && DOMAIN.test(value.slice(at + 1));
}

export const idCard = z.string().check(
  reasoned((value) =>
    isIdCard(value) ? undefined : 'must be letters and digits, with single separators between them',
  ),
  z.meta({
    description: 'Kept as given; looked up without regard to case and separators.',
    minLength: 1,
    maxLength: MAX_ID_CARD_LENGTH,
    pattern: ID_CARD.source,
    examples: ['11010519491231002X'],
  }),
);

function isIdCard(value: string): boolean {
  return value.length <= MAX_ID_CARD_LENGTH && ID_CARD.test(value);
}

export const birthDate = z.string().check(
  reasoned((value) => (isDay(value) ? undefined : 'must be a day of the calendar from 1900 on, as YYYY-MM-DD')),
  z.meta({ description: 'From 1900 on and not in the future.', format: 'date', examples: ['1985-12-10'] }),
);

export const locale = z.string().check(
  reasoned((value) =>
    canonicalLocale(value) === undefined ? 'must be a language tag of BCP 47, as in pt-BR' : undefined,
  ),
  z.overwrite((value) => canonicalLocale(value) ?? value),
  z.meta({ description: 'BCP 47; kept in its canonical form.', maxLength: MAX_LOCALE_LENGTH, examples: ['pt-BR'] }),
);

function canonicalLocale(value: string): string | undefined {
  if (value.length > MAX_LOCALE_LENGTH) return undefined;
  try {
    return Intl.getCanonicalLocales(value)[0];
  } catch {
    // RangeError is how Intl says no.
    return undefined;
  }
}

export const tier = z.enum(['basic', 'silver', 'gold', 'platinum']).check(z.meta({ examples: ['gold'] }));

export const tags = z.array(tag).check(
  z.maxLength(MAX_TAGS),
  reasoned((values) => (new Set(values).size === values.length ? undefined : 'must not repeat an entry')),
  z.meta({ uniqueItems: true, examples: [['newsletter', 'vip']] }),
);

export const marketingConsent = z.boolean().check(z.meta({ description: 'Whether the member wants advertisement.' }));
