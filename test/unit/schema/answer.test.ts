import fc from 'fast-check';
import type { MemberDocument } from '../../../lambdas/core';
import { accountFragment, canonicalAccount, PLATFORM_NAMES, publicJson } from '../../../lambdas/members/schema';

const DOCUMENT: MemberDocument = {
  memberId: '1153202979583557643',
  version: 4294967297,
  status: 'active',
  profile: {
    name: 'Ada',
    phone: '+351912345678',
    email: 'Ada@example.com',
    unionId: 'o6',
    idCard: 'X1',
    tags: ['vip'],
  },
  accounts: [{ platform: 'app', account: 'ada', boundAt: '2025-03-01T00:00:00.000Z', generation: 3 }],
  heldKeys: [{ key: 'phone:+351912345678', generation: 1 }],
  registeredAt: '2025-03-01T00:00:00.000Z',
  updatedAt: '2025-03-02T00:00:00.000Z',
};

const TEXT =
  '{"memberId":"1153202979583557643","version":"4294967297","status":"active","profile":{"name":"Ada","phone":"+351912345678",' +
  '"email":"Ada@example.com","unionId":"o6","idCard":"X1","tags":["vip"]},"accounts":[{"platform":"app","account":"ada",' +
  '"boundAt":"2025-03-01T00:00:00.000Z"}],"registeredAt":"2025-03-01T00:00:00.000Z","updatedAt":"2025-03-02T00:00:00.000Z"}';

function reordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reordered);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reordered(inner)]),
  );
}

test('an answer is one text, however a store ordered the document, and says nothing internal', () => {
  expect(publicJson(DOCUMENT)).toBe(TEXT);
  expect(publicJson(reordered(DOCUMENT) as MemberDocument)).toBe(TEXT);
});

describe('the fragment of an account', () => {
  // Texts that try to look like the fragment of another account.
  const nasty = fc.oneof(
    fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', ',', ':', 'a', '/', '\u007f', '\ud800', '😀', 'é') }),
    fc.constantFrom(
      'ada',
      accountFragment('app', 'ada'),
      '"},{"platform":"app","account":"ada","',
      '\\"',
      'ada\\',
      'ada"',
      'ad',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const account = fc.record({ platform: fc.constantFrom(...PLATFORM_NAMES), account: nasty });

  test('stands in the answer if, and only if, the account is bound', () => {
    fc.assert(
      fc.property(fc.array(account, { maxLength: 4 }), account, nasty, fc.array(nasty), (bound, asked, name, tags) => {
        const bindings = bound.map(({ platform, account: raw }, generation) => ({
          platform,
          account: canonicalAccount(platform, raw),
          boundAt: DOCUMENT.registeredAt,
          generation,
        }));
        const document = { ...DOCUMENT, accounts: bindings, profile: { name, city: name, tags } };
        const json = publicJson(document);
        for (const one of [asked, ...bindings]) {
          const isBound = bindings.some(
            ({ platform, account: held }) => platform === one.platform && held === one.account,
          );
          expect(json.includes(accountFragment(one.platform, one.account))).toBe(isBound);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('is not found for what an account begins with', () => {
    expect(TEXT.includes(accountFragment('app', 'ada'))).toBe(true);
    expect(TEXT.includes(accountFragment('app', 'ad'))).toBe(false);
    expect(TEXT.includes(accountFragment('web', 'ada'))).toBe(false);
  });
});
