import fc from 'fast-check';
import { lookupKeysOf } from '../../../lambdas/core';
import {
  canonicalAccount,
  PLATFORM_NAMES,
  parseAccount,
  parseLookup,
  parseRegistration,
} from '../../../lambdas/members/schema';
import { errorsOf, refusalOf } from './refusal';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme-composite' }),
  fc.string({
    unit: fc.constantFrom('J', '\u030c', 'I', '\u0307', '\u0130', '\u03a3', '\u212a', 'ß', '\u0345', 'é', 'e\u0301'),
  }),
);

/** What every platform takes, in any spelling. */
const accountText = fc
  .array(fc.constantFrom('J', '\u030c', 'I', '\u0307', 'a', 'E\u0301', '\u00e9', '\u212a', 'ß'), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => `x${parts.join('')}`);

describe('the canonical form of an account', () => {
  test('is its own canonical form', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PLATFORM_NAMES), anyText, (platform, raw) => {
        const once = canonicalAccount(platform, raw);
        expect(canonicalAccount(platform, once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  test('is its own canonical form for every code point before a combining mark', () => {
    for (let point = 0; point <= 0x10ffff; point++) {
      const once = canonicalAccount('web', `${String.fromCodePoint(point)}\u030c`);
      if (canonicalAccount('web', once) !== once) throw new Error(`U+${point.toString(16)}`);
    }
  });

  test('race 13: is one for composed and decomposed spellings', () => {
    expect(parseAccount('app', 'Jose\u0301')).toEqual({ platform: 'app', account: 'Jos\u00e9' });
  });

  test('race 13: ignores case where the platform does, and nowhere else', () => {
    expect(parseAccount('web', 'Ada@Example.com').account).toBe('ada@example.com');
    expect(parseAccount('app', 'Ada@Example.com').account).toBe('Ada@Example.com');
    expect(parseAccount('web', 'J\u030c').account).toBe(parseAccount('web', '\u01f0').account);
  });

  test('race 13: is the same in a body as in a path', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PLATFORM_NAMES), accountText, (platform, account) => {
        const body = { profile: { name: 'Ada' }, accounts: [{ platform, account }] };
        expect(parseRegistration(body, 0).accounts).toEqual([parseAccount(platform, account)]);
      }),
    );
  });
});

test.each([
  ['email', 'Zoe\u0308@Example.com', 'zo\u00eb@EXAMPLE.com'],
  ['email', 'J\u030c@example.com', '\u01f0@example.com'],
  ['idCard', 'ab 123-4', 'AB1234'],
] as const)('race 13: a profile key is looked up under the form that it is stored under: %s %s', (kind, one, other) => {
  const keys = [one, other].map((spelling) => {
    const { profile } = parseRegistration({ profile: { name: 'Ada', [kind]: spelling } }, 0);
    const document = {
      memberId: '1',
      version: 1,
      status: 'active',
      accounts: [],
      registeredAt: '',
      updatedAt: '',
    } as const;
    return [lookupKeysOf({ ...document, profile }), [parseLookup({ [kind]: [spelling] })]];
  });
  expect(keys[0]).toEqual(keys[1]);
  expect(keys[0]?.[0]).toEqual(keys[0]?.[1]);
});

describe('an account', () => {
  test('has at most 128 code points in its canonical form', () => {
    expect(parseAccount('app', '😀'.repeat(128)).account).toHaveLength(256);
    expect(refusalOf(() => parseAccount('app', '😀'.repeat(129)))).toEqual({
      account: 'must have at most 128 characters',
    });
    expect(refusalOf(() => parseAccount('app', 'x'.repeat(129)))).toEqual({
      account: 'must have at most 128 characters',
    });
    expect(parseAccount('app', 'e\u0301'.repeat(128)).account).toBe('é'.repeat(128));
    // The capital I with a dot becomes two code points in lower case.
    expect(refusalOf(() => parseAccount('web', '\u0130'.repeat(65)))).toEqual({
      account: 'must have at most 128 characters',
    });
  });

  test.each([
    ['empty', ''],
    ['a space before', ' a'],
    ['a space behind', 'a '],
    ['a no-break space', '\u00a0a'],
    ['only spaces', '   '],
    ['a NUL', 'a\u0000b'],
    ['a line feed at the end', 'a\n'],
    ['a DEL', 'a\u007fb'],
    ['a C1 control', 'a\u0085b'],
    ['a line separator', 'a\u2028b'],
    ['what is no character', 'a\uffff'],
    ['a lone high surrogate', 'a\ud83d'],
    ['a lone low surrogate', '\ude00a'],
  ])('is refused with %s', (_, account) => {
    expect(Object.keys(refusalOf(() => parseAccount('app', account)))).toEqual(['account']);
  });

  test.each(['', 'App', 'facebook', 'constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'is refused on the platform %j',
    (platform) => {
      expect(Object.keys(refusalOf(() => parseAccount(platform, 'a')))).toEqual(['platform']);
    },
  );

  test('may contain what separates paths and keys', () => {
    expect(parseAccount('app', 'a/b:c%2F#?').account).toBe('a/b:c%2F#?');
  });

  test('is not repeated in what is refused', () => {
    const errors = errorsOf(() => parseAccount('app', ' secret-account '));
    expect(JSON.stringify(errors)).not.toContain('secret-account');
  });
});
