import fc from 'fast-check';
import { applyPatch, PROFILE_FIELDS, parsePatch, parseRegistration } from '../../../lambdas/members/schema';
import { refusalOf } from './refusal';

const NOW_MS = Date.UTC(2025, 5, 15, 12);
const register = (profile: unknown) => parseRegistration({ profile }, NOW_MS).profile;
const patch = (body: unknown) => parsePatch(body, NOW_MS);

const FULL = {
  name: 'Ada Lovelace',
  phone: '+351912345678',
  email: 'Ada@Example.com',
  unionId: 'o6_bmasd',
  idCard: '11010519491231002x',
  birthDate: '1985-12-10',
  locale: 'pt-BR',
  city: 'Lisbon',
  tier: 'gold',
  tags: ['vip', 'newsletter'],
  marketingConsent: true,
} as const;

test('a full profile is kept as it is, in the order of its fields', () => {
  const shuffled = Object.fromEntries(Object.entries(FULL).reverse());
  expect(JSON.stringify(register(shuffled))).toBe(JSON.stringify(FULL));
  expect(Object.keys(FULL)).toEqual([...PROFILE_FIELDS]);
});

test('only the name is required', () => {
  expect(register({ name: 'A' })).toEqual({ name: 'A' });
  expect(refusalOf(() => register({}))).toEqual({ 'profile.name': 'is required' });
});

const long = (count: number) => 'x'.repeat(count);
test.each<[string, unknown[], unknown[]]>([
  [
    'name',
    ['x', long(100), '李雷', 'Zoë 😀', "O'Neil"],
    ['', ' x', 'x ', long(101), 'a\nb', '\ud800', 5, null, ['x'], {}],
  ],
  [
    'phone',
    ['+12025550123', '+8613800138000', '+1234567', `+${'1'.repeat(15)}`],
    [
      '12025550123',
      '+02025550123',
      '+1 202 555 0123',
      '+1202555012a',
      '+123456',
      `+${'1'.repeat(16)}`,
      '+12025550123\n',
      '',
      '+',
      1,
      null,
      '+１２３４５６７',
    ],
  ],
  [
    'email',
    ['a@b.co', 'Ada+tag@mail.example.com', 'jürgen@exämple.de', `${long(64)}@example.com`, "o'neil@example.com"],
    [
      '',
      'a',
      '@b.co',
      'a@',
      'a@b',
      'a b@c.co',
      'a@b@c.co',
      'a@b..co',
      '.a@b.co',
      'a..b@c.co',
      'a.@b.co',
      'a@-b.co',
      'a@b-.co',
      'a@b.co\n',
      '<a@b.co>',
      `${long(65)}@b.co`,
      `a@${`${long(60)}.`.repeat(5)}co`,
      'a@b.c\ud800',
      3,
      null,
    ],
  ],
  ['unionId', ['x', long(128)], ['', ' x', long(129), 'a\tb', 7]],
  [
    'idCard',
    ['A', '11010519491231002X', '85.07.30-033 28', '0'.repeat(64)],
    ['', '0'.repeat(65), '-1', '1-', '1--2', 'a_b', 'é', 'a\n', 12],
  ],
  [
    'birthDate',
    ['1900-01-01', '2000-02-29', '2025-06-15', '2025-06-16'],
    [
      '1899-12-31',
      '2001-02-29',
      '1900-02-29',
      '2025-13-01',
      '2025-00-10',
      '2025-04-31',
      '2025-06-17',
      '2025-6-1',
      '20250601',
      '2025-06-01T00:00:00Z',
      '2025-06-01\n',
      '',
      20000101,
    ],
  ],
  [
    'locale',
    ['en', 'pt-BR', 'zh-Hans-CN', 'de-CH-1996', 'sr-Latn-RS-u-co-phonebk'],
    ['', 'en_US', 'e', 'englishlanguage', 'en-', '-en', `en-${long(40)}`, 'en US', 1],
  ],
  ['city', ['São Paulo', '北京', long(100)], ['', long(101), ' x', 'a\u0000']],
  ['tier', ['basic', 'silver', 'gold', 'platinum'], ['Gold', '', 'diamond', 1, 'constructor', ['gold']]],
  [
    'tags',
    [[], ['a'], [long(40)], Array.from({ length: 32 }, (_, index) => `t${index}`)],
    [
      ['a', 'a'],
      ['é', 'e\u0301'],
      [''],
      [long(41)],
      Array.from({ length: 33 }, (_, index) => `t${index}`),
      'a',
      {},
      [1],
      [null],
      [['a']],
    ],
  ],
  ['marketingConsent', [true, false], ['true', 1, 0, '']],
])('%s', (field, accepted, refused) => {
  for (const value of accepted) {
    expect(register({ name: 'A', [field]: value })).toEqual({ name: 'A', [field]: value });
    expect(patch({ [field]: value })).toEqual({ [field]: value });
  }
  for (const value of refused) {
    const paths = Object.keys(refusalOf(() => register({ name: 'A', [field]: value })));
    expect(paths.every((path) => path.startsWith(`profile.${field}`))).toBe(true);
    if (value !== null || field === 'name') refusalOf(() => patch({ [field]: value }));
  }
});

test('texts are kept in NFC, and language tags in their canonical form', () => {
  expect(register({ name: 'Zoe\u0308', city: 'Sa\u0303o', tags: ['e\u0301'], locale: 'PT-br' })).toEqual({
    name: 'Zo\u00eb',
    city: 'S\u00e3o',
    tags: ['\u00e9'],
    locale: 'pt-BR',
  });
});

test('a day of birth may be tomorrow in UTC only while it is that day somewhere', () => {
  const before = Date.UTC(2025, 5, 15, 9, 59, 59, 999);
  const body = { name: 'A', birthDate: '2025-06-16' };
  expect(refusalOf(() => parseRegistration({ profile: body }, before))).toEqual({
    'profile.birthDate': 'must not lie in the future',
  });
  expect(parseRegistration({ profile: body }, before + 1).profile).toEqual(body);
  expect(refusalOf(() => parsePatch({ birthDate: '2025-06-16' }, before))).toEqual({
    birthDate: 'must not lie in the future',
  });
});

describe('a patch', () => {
  const before = register(FULL);

  test('removes with null, sets what it names, and keeps the rest in order', () => {
    const after = applyPatch(before, patch({ tags: null, phone: null, city: 'Porto', marketingConsent: false }));
    const { tags: _, phone: __, ...rest } = FULL;
    expect(JSON.stringify(after)).toBe(JSON.stringify({ ...rest, city: 'Porto', marketingConsent: false }));
  });

  test('never removes the name', () => {
    expect(Object.keys(refusalOf(() => patch({ name: null })))).toEqual(['name']);
  });

  test('may be empty', () => {
    expect(applyPatch(before, patch({}))).toEqual(before);
  });

  test('applied twice is applied once, and leaves no null behind', () => {
    const fields = Object.fromEntries(
      PROFILE_FIELDS.map((field) => [
        field,
        field === 'name' ? fc.constant(FULL.name) : fc.constantFrom(null, FULL[field]),
      ]),
    );
    fc.assert(
      fc.property(fc.record(fields, { requiredKeys: [] }), (body) => {
        const once = applyPatch({ name: 'A', city: 'Rome' }, patch(body));
        expect(applyPatch(once, patch(body))).toEqual(once);
        expect(Object.values(once)).not.toContain(null);
        for (const [field, given] of Object.entries(body)) expect(once[field as 'name']).toEqual(given ?? undefined);
      }),
    );
  });

  test.each([null, [], 'text', 5, true, undefined, [{}]])('is no %j', (body) => {
    expect(Object.keys(refusalOf(() => patch(body)))).toEqual(['']);
  });
});
