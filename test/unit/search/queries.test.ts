import fc from 'fast-check';
import { nameWhole } from '../../../lambdas/search/lookup-names';
import { lookupQuery, orderedPageQuery, scanQuery, smallResultQuery } from '../../../lambdas/search/queries';
import type { SearchRequest } from '../../../lambdas/search/types';

const oneOrMore = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }));
const time = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

const request: fc.Arbitrary<SearchRequest> = fc.record(
  {
    filter: fc.record(
      {
        tier: oneOrMore(fc.constantFrom('basic' as const, 'gold' as const)),
        city: oneOrMore(fc.string()),
        tags: oneOrMore(fc.string()),
        marketingConsent: oneOrMore(fc.boolean()),
        registeredAt: fc.record({ from: time, to: time }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
    sort: fc.constantFrom('registeredAt' as const, '-registeredAt' as const, 'name' as const),
    limit: fc.integer({ min: 1, max: 200 }),
    after: fc.record({ value: time, memberId: fc.string() }),
  },
  { requiredKeys: ['filter', 'sort', 'limit'] },
);

/** Clauses that stand in filter context and compare exactly. */
const EXACT_CLAUSES = ['term', 'terms', 'range', 'match_all'];

/** What is scored, or could be, in a body: any clause outside `bool.filter`, and any that is not exact. */
function scored(body: object): string[] {
  const { query, ...rest } = JSON.parse(JSON.stringify(body)) as { query: Record<string, Record<string, unknown>> };
  const outside = Object.keys(query).filter((clause) => clause !== 'bool');
  const bool = query.bool ?? {};
  const besides = Object.keys(bool).filter((occurrence) => occurrence !== 'filter');
  const inside = (bool.filter as object[]).flatMap((clause) => Object.keys(clause));
  const asks = ['rescore', 'min_score', 'track_scores', 'suggest', 'explain', 'collapse'].filter(
    (name) => name in rest,
  );
  const byScore = JSON.stringify(rest).includes('_score') ? ['_score'] : [];
  return [...outside, ...besides, ...inside.filter((name) => !EXACT_CLAUSES.includes(name)), ...asks, ...byScore];
}

test('no query body that can be built scores anything', () => {
  fc.assert(
    fc.property(
      request,
      fc.string({ minLength: 1 }),
      fc.option(fc.string(), { nil: undefined }),
      (search, value, after) => {
        const bodies = [
          smallResultQuery(search, 200),
          orderedPageQuery(search),
          lookupQuery(nameWhole({ kind: 'phone', value }), 500),
          scanQuery(1000, after),
        ];
        for (const body of bodies) {
          expect(scored(body)).toEqual([]);
          // Without an order of its own a search is sorted by score.
          expect(body.sort.length).toBeGreaterThan(0);
        }
      },
    ),
  );
});

test.each([
  ['a clause outside bool', { query: { match: { name: 'Ada' }, bool: { filter: [] } }, sort: ['_doc'] }],
  ['a clause beside the filter', { query: { bool: { filter: [], must: [{ term: { city: 'x' } }] } }, sort: ['_doc'] }],
  ['an analysed clause', { query: { bool: { filter: [{ match: { name: 'Ada' } }] } }, sort: ['_doc'] }],
  ['an order by score', { query: { bool: { filter: [] } }, sort: ['_score'] }],
  ['scores that are tracked', { query: { bool: { filter: [] } }, sort: ['_doc'], track_scores: true }],
])('the walk finds %s', (_, body) => {
  expect(scored(body)).not.toEqual([]);
});

test('closed members are never searched for', () => {
  fc.assert(
    fc.property(request, (search) => {
      for (const body of [smallResultQuery(search, 200), orderedPageQuery(search)]) {
        expect(body.query.bool.filter).toContainEqual({ term: { status: 'active' } });
      }
    }),
  );
});

test('a list and a single value ask for the same', () => {
  const base = { sort: 'name', limit: 10 } as const;
  expect(orderedPageQuery({ ...base, filter: { tier: 'gold', marketingConsent: false } })).toEqual(
    orderedPageQuery({ ...base, filter: { tier: ['gold'], marketingConsent: [false] } }),
  );
});
