import fc from 'fast-check';
import type { MemberDocument } from '../../../lambdas/core';
import {
  type CursorBinding,
  type Domain,
  decodeCursor,
  encodeCursor,
  type SearchFilter,
  type SearchRequest,
  type SearchSort,
} from '../../../lambdas/search';
import { ask, openDomain, type TestDomain, TIMEOUT_MS } from './domains';
import { eventOf, MINUTE_MS, memberOf } from './members';

const CURSOR_KEY = 'a cursor key that only tests have';

/** More than any search of these tests has. */
const MAX_PAGES = 400;

/** Follows the cursors of a search to its end. */
async function pages(domain: Domain, search: Omit<SearchRequest, 'after'>): Promise<MemberDocument[][]> {
  const binding: CursorBinding = {
    callerId: 'crm',
    trafficClass: 'marketing',
    filter: search.filter,
    sort: search.sort,
  };
  const found: MemberDocument[][] = [];
  let cursor: string | undefined;
  do {
    const after = cursor === undefined ? {} : { after: decodeCursor(CURSOR_KEY, binding, cursor) };
    const { documents, next } = await domain.search({ ...search, ...after }, TIMEOUT_MS);
    found.push(documents.map(({ document }) => document));
    if (found.length > MAX_PAGES) throw new Error('the pages have no end');
    cursor = next === undefined ? undefined : encodeCursor(CURSOR_KEY, binding, next);
  } while (cursor !== undefined);
  return found;
}

const ids = (documents: readonly MemberDocument[]) => documents.map(({ memberId }) => memberId);

/** What a search must find, read off the documents. */
function reference(documents: readonly MemberDocument[], filter: SearchFilter, sort: SearchSort): string[] {
  const isOneOf = <T>(wanted: T | readonly T[] | undefined, ...values: (T | undefined)[]) =>
    wanted === undefined || [wanted].flat().some((value) => values.includes(value as T));
  const { from = '', to = '9' } = filter.registeredAt ?? {};
  const bytes = (text: string) => Buffer.from(text).toString('hex');
  const sign = sort === '-registeredAt' ? -1 : 1;
  const key = ({ profile, registeredAt }: MemberDocument) => (sort === 'name' ? bytes(profile.name) : registeredAt);
  const matches = documents.filter(
    ({ status, profile, registeredAt }) =>
      status === 'active' &&
      isOneOf(filter.tier, profile.tier) &&
      isOneOf(filter.city, profile.city) &&
      isOneOf(filter.tags, ...(profile.tags ?? [])) &&
      isOneOf(filter.marketingConsent, profile.marketingConsent) &&
      from <= registeredAt &&
      registeredAt <= to,
  );
  const compare = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1);
  return ids(matches.sort((a, b) => sign * compare(key(a), key(b)) || compare(a.memberId, b.memberId)));
}

const TIERS = ['basic', 'silver', 'gold', 'platinum'] as const;
const CITIES = ['Zürich', 'Bern', 'São Paulo', '上海', 'Bern,Zürich'];
const TAGS = ['vip', 'new', '😀'];

const sketch = fc.record({
  name: fc.oneof(
    fc.constantFrom('Ada', 'ada', 'Zoë', '😀', '\uff76'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
  ),
  tier: fc.constantFrom(...TIERS, undefined),
  city: fc.constantFrom(...CITIES, undefined),
  tags: fc.constantFrom(undefined, [], ...TAGS.map((tag) => [tag]), TAGS),
  marketingConsent: fc.constantFrom(true, false, undefined),
  registeredMinutes: fc.nat(20),
  isClosed: fc.nat(9).map((drawn) => drawn === 0),
});

const documents = fc
  .sample(fc.array(sketch, { minLength: 300, maxLength: 300 }), { numRuns: 1, seed: 11 })[0]
  ?.map(({ registeredMinutes, isClosed, ...profile }, index) =>
    memberOf({
      // Ids of several lengths, so that the order of texts is not that of numbers.
      memberId: String((index + 1) ** 3),
      status: isClosed ? 'closed' : 'active',
      profile: JSON.parse(JSON.stringify(profile)),
      registeredAtMs: registeredMinutes * MINUTE_MS,
    }),
  ) as MemberDocument[];

const oneOrSome = <T>(values: readonly T[]) =>
  fc.oneof(fc.constantFrom(...values), fc.subarray([...values], { minLength: 1 }));
const time = fc
  .integer({ min: -1, max: 21 })
  .map((minutes) => memberOf({ registeredAtMs: minutes * MINUTE_MS }).registeredAt);
const filter: fc.Arbitrary<SearchFilter> = fc.record(
  {
    tier: oneOrSome(TIERS),
    city: oneOrSome(CITIES),
    tags: oneOrSome(TAGS),
    marketingConsent: oneOrSome([true, false]),
    registeredAt: fc.record({ from: time, to: time }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);
const sort = fc.constantFrom<SearchSort[]>('registeredAt', '-registeredAt', 'name');

describe('a search', () => {
  let opened: TestDomain;
  beforeAll(async () => {
    opened = await openDomain();
    await opened.domain.write(documents.map((document) => eventOf(document)));
    await opened.domain.refresh();
  });
  afterAll(() => opened.remove());

  test('gives the reference order, whether sorted here, by the engine, or by both in turn', async () => {
    const byEngine = opened.again({ smallResultHits: 0 });
    const here = opened.again({ smallResultHits: 500 });
    await fc.assert(
      fc.asyncProperty(filter, sort, fc.integer({ min: 1, max: 200 }), async (wanted, by, limit) => {
        const expected = reference(documents, wanted, by);
        const search = { filter: wanted, sort: by, limit };
        const few = { ...search, limit: Math.max(limit, Math.ceil(expected.length / 4)) };
        for (const domain of [byEngine, here, opened.domain]) {
          const found = await pages(domain, few);
          expect(ids(found.flat())).toEqual(expected);
          expect(found.slice(0, -1).every((page) => page.length === few.limit)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('sorts a small result here and a large one by the engine', async () => {
    const isLarge = (wanted: SearchFilter) => reference(documents, wanted, 'name').length > 200;
    expect([isLarge({}), isLarge({ tier: 'gold' })]).toEqual([true, false]);
    // The first page of a small result is one query, of a large one two: to learn that it is large, and to sort it.
    expect(await queriesFor(() => opened.domain.search({ filter: {}, sort: 'name', limit: 20 }, TIMEOUT_MS))).toBe(2);
    const small = { filter: { tier: 'gold' }, sort: 'name', limit: 20 } as const;
    expect(await queriesFor(() => opened.domain.search(small, TIMEOUT_MS))).toBe(1);
  });

  /** How many searches the index has answered meanwhile. */
  async function queriesFor(act: () => Promise<unknown>): Promise<number> {
    const count = async () => {
      const { body } = await ask('GET', `/${opened.members}/_stats/search`);
      return body._all.primaries.search.query_total / body._shards.successful;
    };
    const before = await count();
    await act();
    return (await count()) - before;
  }

  test.each<SearchFilter>([{}, { tier: 'gold' }])('finds each hit of %j as it was written', async (wanted) => {
    const page = await opened.domain.search({ filter: wanted, sort: 'name', limit: 20 }, TIMEOUT_MS);
    expect(page.documents).toHaveLength(20);
    for (const { memberId, version, document } of page.documents) {
      expect([document.memberId, document.version]).toEqual([memberId, version]);
      // Its text, too: what is answered from here must not differ from what is answered from elsewhere.
      expect(JSON.stringify(document)).toBe(JSON.stringify(documents.find((one) => one.memberId === memberId)));
    }
  });
});

test.each(['registeredAt', '-registeredAt', 'name'] as const)(
  'paging by %s through a large result meets each member exactly once, also while members are written',
  async (by) => {
    const opened = await openDomain();
    const all = Array.from({ length: 1200 }, (_, index) =>
      memberOf({
        memberId: String(index + 1),
        profile: { name: `Name ${index % 7}` },
        registeredAtMs: (index % 5) * MINUTE_MS,
      }),
    );
    await opened.domain.write(all.map((document) => eventOf(document)));
    await opened.domain.refresh();

    const found: string[] = [];
    let after: SearchRequest['after'];
    do {
      const page = await opened.domain.search({ filter: {}, sort: by, limit: 97, ...(after && { after }) }, TIMEOUT_MS);
      found.push(...page.documents.map(({ memberId }) => memberId));
      after = page.next;
      if (found.length > all.length) throw new Error('the pages have no end');
      // A change that moves nobody in this order must move nobody between pages either.
      const changed = all.filter((_, index) => index % 13 === found.length % 13);
      await opened.domain.write(
        changed.map((document) =>
          eventOf({ ...document, version: found.length + 2, profile: { ...document.profile, city: 'Bern' } }),
        ),
      );
      await opened.domain.refresh();
    } while (after !== undefined);
    expect(found).toEqual(reference(all, {}, by));
    await opened.remove();
  },
  60_000,
);
