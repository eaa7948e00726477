import {
  parseBatch,
  parseLookup,
  parseMemberId,
  parseRegistration,
  parseSearch,
} from '../../../lambdas/members/schema';
import { errorsOf, refusalOf } from './refusal';

const NOW_MS = Date.UTC(2025, 5, 15);

describe('a member id', () => {
  test.each(['0', '1', '1153202979583557643', '9223372036854775807'])('may be %s', (id) => {
    expect(parseMemberId(id)).toBe(id);
  });

  test.each([
    '',
    '-1',
    '+1',
    '01',
    '00',
    '1.0',
    '1e3',
    '0x1',
    ' 1',
    '1\n',
    '١',
    '9223372036854775808',
    '10000000000000000000',
    'abc',
    '__proto__',
  ])('is not %j', (id) => {
    expect(Object.keys(refusalOf(() => parseMemberId(id)))).toEqual(['id']);
  });
});

describe('a registration', () => {
  const accounts = (list: unknown) => parseRegistration({ profile: { name: 'A' }, accounts: list }, NOW_MS).accounts;

  test('binds its accounts in their canonical form', () => {
    expect(accounts([{ account: 'Ada', platform: 'web' }])).toEqual([{ platform: 'web', account: 'ada' }]);
    expect(parseRegistration({ profile: { name: 'A' } }, NOW_MS).accounts).toEqual([]);
    expect(accounts([])).toEqual([]);
  });

  test('names the account that is wrong', () => {
    const list = [
      { platform: 'app', account: 'a' },
      { platform: 'app', account: ' b' },
      { platform: 'nowhere', account: 'c' },
      { platform: 'app' },
      5,
    ];
    expect(Object.keys(refusalOf(() => accounts(list)))).toEqual([
      'accounts.1.account',
      'accounts.2.platform',
      'accounts.3.account',
      'accounts.4',
    ]);
  });

  test('does not name an account twice, in whatever spelling', () => {
    const list = [
      { platform: 'web', account: 'Ada' },
      { platform: 'web', account: 'aDA' },
    ];
    expect(refusalOf(() => accounts(list))).toEqual({ accounts: 'must not repeat an account' });
    expect(
      accounts([
        { platform: 'app', account: 'Ada' },
        { platform: 'app', account: 'aDA' },
      ]),
    ).toHaveLength(2);
  });

  test('binds at most 100 accounts', () => {
    const list = Array.from({ length: 101 }, (_, index) => ({ platform: 'app', account: `a${index}` }));
    expect(accounts(list.slice(1))).toHaveLength(100);
    expect(refusalOf(() => accounts(list))).toEqual({ accounts: 'must have at most 100 entries' });
  });

  test.each([
    null,
    undefined,
    [],
    'text',
    5,
    {},
    { profile: null },
    { profile: [] },
    { profile: 'A' },
    { accounts: [] },
  ])('is not %j', (body) => {
    expect(errorsOf(() => parseRegistration(body, NOW_MS)).length).toBeGreaterThan(0);
  });

  test('refuses null where a field may be absent', () => {
    const body = { profile: { name: 'A', phone: null }, accounts: null };
    expect(Object.keys(refusalOf(() => parseRegistration(body, NOW_MS)))).toEqual(['profile.phone', 'accounts']);
  });
});

describe('a batch', () => {
  test('keeps order and repetition', () => {
    expect(parseBatch({ ids: ['3', '1', '3'] })).toEqual(['3', '1', '3']);
    expect(parseBatch({ ids: [] })).toEqual([]);
  });

  test('has at most 100 ids, each well-formed and text', () => {
    expect(parseBatch({ ids: Array(100).fill('1') })).toHaveLength(100);
    expect(refusalOf(() => parseBatch({ ids: Array(101).fill('1') }))).toEqual({
      ids: 'must have at most 100 entries',
    });
    expect(Object.keys(refusalOf(() => parseBatch({ ids: ['1', 'x', 1, null, '01'] })))).toEqual([
      'ids.1',
      'ids.2',
      'ids.3',
      'ids.4',
    ]);
    expect(refusalOf(() => parseBatch({}))).toEqual({ ids: 'is required' });
    expect(refusalOf(() => parseBatch({ ids: '1' }))).toEqual({ ids: 'must be a list' });
  });
});

describe('a look-up', () => {
  test.each([
    [{ phone: ['+351912345678'] }, { kind: 'phone', value: '+351912345678' }],
    [{ phone: [' 351912345678'] }, { kind: 'phone', value: '+351912345678' }],
    [{ email: ['Ada@Example.COM'] }, { kind: 'email', value: 'ada@example.com' }],
    [{ idCard: ['85.07.30-033 2x'] }, { kind: 'idCard', value: '8507300332X' }],
    [{ unionId: ['o6_Bma'] }, { kind: 'unionId', value: 'o6_Bma' }],
  ])('by %j', (query, key) => {
    expect(parseLookup(query)).toEqual(key);
  });

  test.each<[Record<string, string[]>]>([
    [{}],
    [{ phone: [] }],
    [{ phone: ['+351912345678', '+351912345678'] }],
    [{ phone: ['+351912345678'], email: ['a@b.co'] }],
    [{ phone: ['+351912345678'], page: ['2'] }],
    [{ name: ['Ada'] }],
    [{ constructor: ['Ada'] }],
    [JSON.parse('{"__proto__":["1"]}')],
  ])('needs exactly one key, once: not %j', (query) => {
    expect(refusalOf(() => parseLookup(query))).toEqual({
      '': 'the query must name exactly one of phone, email, unionId, idCard',
    });
  });

  test('names the key that is wrong', () => {
    expect(Object.keys(refusalOf(() => parseLookup({ phone: ['0912'] })))).toEqual(['phone']);
    expect(Object.keys(refusalOf(() => parseLookup({ email: [''] })))).toEqual(['email']);
  });
});

describe('a search', () => {
  test('has defaults', () => {
    expect(parseSearch({})).toEqual({ filter: {}, sort: 'registeredAt', limit: 50 });
  });

  test('takes a value or a list, and makes lists of both', () => {
    const filter = { tier: 'gold', city: ['Rome', 'Sa\u0303o Paulo'], tags: 'vip', marketingConsent: false };
    expect(parseSearch({ filter, sort: '-registeredAt', limit: 200, cursor: 'abc.DEF-_~' })).toEqual({
      filter: { tier: ['gold'], city: ['Rome', 'São Paulo'], tags: ['vip'], marketingConsent: [false] },
      sort: '-registeredAt',
      limit: 200,
      cursor: 'abc.DEF-_~',
    });
  });

  test('reads times in any zone, and days', () => {
    const registeredAt = { from: '2025-03-01', to: '2025-03-01T02:30:00+02:00' };
    expect(parseSearch({ filter: { registeredAt } }).filter.registeredAt).toEqual({
      from: '2025-03-01T00:00:00.000Z',
      to: '2025-03-01T00:30:00.000Z',
    });
  });

  test.each<[object, string]>([
    [{ filter: { tier: 'diamond' } }, 'filter.tier'],
    [{ filter: { tier: ['gold', 'diamond'] } }, 'filter.tier.1'],
    [{ filter: { city: [] } }, 'filter.city'],
    [{ filter: { city: Array(101).fill('x') } }, 'filter.city'],
    [{ filter: { city: 5 } }, 'filter.city'],
    [{ filter: { city: null } }, 'filter.city'],
    [{ filter: { tags: [['vip']] } }, 'filter.tags.0'],
    [{ filter: { marketingConsent: 'yes' } }, 'filter.marketingConsent'],
    [{ filter: { phone: '+351912345678' } }, 'filter.phone'],
    [{ filter: { registeredAt: '2025-01-01' } }, 'filter.registeredAt'],
    [{ filter: { registeredAt: { since: '2025-01-01' } } }, 'filter.registeredAt.since'],
    [{ filter: { registeredAt: { from: '2025-02-30T00:00:00Z' } } }, 'filter.registeredAt.from'],
    [{ filter: { registeredAt: { from: '2025-02-01T00:00:00' } } }, 'filter.registeredAt.from'],
    [{ filter: { registeredAt: { from: '2025-02-01T25:00:00Z' } } }, 'filter.registeredAt.from'],
    [{ filter: { registeredAt: { from: '9999-12-31T23:59:59-14:00' } } }, 'filter.registeredAt.from'],
    [{ filter: { registeredAt: { from: 1735689600000 } } }, 'filter.registeredAt.from'],
    [{ filter: { registeredAt: { from: '2025-03-02', to: '2025-03-01' } } }, 'filter.registeredAt'],
    [{ filter: [] }, 'filter'],
    [{ filter: null }, 'filter'],
    [{ sort: '-name' }, 'sort'],
    [{ sort: ['name'] }, 'sort'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 201 }, 'limit'],
    [{ limit: 1.5 }, 'limit'],
    [{ limit: '10' }, 'limit'],
    [{ limit: 1e300 }, 'limit'],
    [{ cursor: '' }, 'cursor'],
    [{ cursor: 'a b' }, 'cursor'],
    [{ cursor: 'a'.repeat(4097) }, 'cursor'],
    [{ offset: 5 }, 'offset'],
  ])('is refused: %j', (body, path) => {
    expect(Object.keys(refusalOf(() => parseSearch(body)))).toEqual([path]);
  });
});
