import type { PlantedBug } from '../bug';

const READING = 'lambdas/handlers/reading.ts';
const reading = (test: string) => ({ file: 'test/unit/handlers/reading.test.ts', test });
const cacheOnly = (test: string) => ({ file: 'test/unit/members/cache-only.test.ts', test });
const catalogue = (test: string) => ({ file: 'test/unit/switches/catalogue.test.ts', test });

export const DEGRADATION_BUGS: readonly PlantedBug[] = [
  {
    name: 'given-up-feature-is-served',
    races: [],
    file: READING,
    from: 'if (feature !== undefined) features.require(feature);',
    to: '',
    caughtBy: reading('has given up is refused, and nobody is asked'),
  },
  {
    name: 'dry-run-refuses',
    races: [],
    file: 'lambdas/handlers/features.ts',
    from: "return mode === 'on';",
    to: 'return true;',
    caughtBy: reading('a dry run counts what would be refused, and answers it'),
  },
  {
    name: 'default-answer-that-nobody-switched-on',
    races: [],
    file: READING,
    from: 'byDefault === undefined || !features.isGivenUp(byDefault)',
    to: 'byDefault === undefined',
    caughtBy: reading('is never reached while domains answer, unless it is switched on'),
  },
  {
    name: 'default-answer-does-not-say-so',
    races: [],
    file: READING,
    from: "{ Degraded: 'default' satisfies Degradation }",
    to: '{}',
    caughtBy: reading('is an empty list that says so'),
  },
  {
    name: 'order-gives-up-its-origin',
    races: [],
    file: READING,
    from: '  order: undefined,',
    to: "  order: { search: 'search-other', lookups: 'lookups-other', origin: 'origin-other' },",
    caughtBy: reading('a class that has given up its origin asks the cache alone; class order never does'),
  },
  {
    name: 'cached-alone-asks-the-origin-for-a-miss',
    races: [],
    file: 'lambdas/members/reader.ts',
    from: 'if (cacheOnly) return',
    to: 'if (cacheOnly && minVersion > 0) return',
    caughtBy: cacheOnly('what the cache has not, or not new enough, is refused'),
  },
  {
    name: 'cached-copy-without-the-account-is-looked-up',
    races: [],
    file: 'lambdas/members/accounts.ts',
    from: 'if (options.cacheOnly) throw options.cacheOnly();',
    to: '',
    caughtBy: cacheOnly('a member that is cached without the account proves nothing'),
  },
  {
    name: 'last-domain-of-class-order-given-up',
    races: [],
    file: 'lambdas/switches/safety.ts',
    from: "if (mode !== 'on' || !feature.startsWith('domain-')) return [];",
    to: 'return [];',
    caughtBy: catalogue('is refused where class order would have none left'),
  },
  {
    name: 'domain-held-back-is-asked',
    races: [],
    file: 'lambdas/search/preferred.ts',
    from: 'this.#breaker(name).isolate(names.includes(name));',
    to: 'this.#breaker(name).isolate(false);',
    caughtBy: {
      file: 'test/unit/search/preferred.test.ts',
      test: 'one that an operator holds back is not asked, however well it is',
    },
  },
];
