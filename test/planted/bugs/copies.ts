import type { PlantedBug } from '../bug';

const JUDGE = 'lambdas/failover/census/judge.ts';
const census = (test: string) => ({ file: 'test/engine/failover/census.test.ts', test });
const watch = (test: string) => ({ file: 'test/engine/failover/staleness.test.ts', test });

/** In what holds caches and domains against the rows all the time. */
export const COPY_BUGS: readonly PlantedBug[] = [
  {
    name: 'older-cached-value-not-noticed',
    races: [1],
    file: JUDGE,
    from: 'return entry.version < row.document.version ?',
    to: 'return entry.version < 0 ?',
    caughtBy: watch('errors that are planted in a cache and in a search domain'),
  },
  {
    name: 'misleading-look-up-not-noticed',
    races: [16],
    file: JUDGE,
    from: 'row !== undefined && isFoundBy(row.document, entry.key)',
    to: 'row !== undefined',
    caughtBy: census('whatever a cache answers that is not what the row says'),
  },
  {
    name: 'fence-forgotten-with-a-stale-value',
    races: [2],
    file: 'lambdas/cache/census.ts',
    from: 'marksKey(key), version, FENCE_LIFE_MS',
    to: 'marksKey(key), 0, FENCE_LIFE_MS',
    caughtBy: census('whatever a cache answers that is not what the row says'),
  },
  {
    name: 'write-on-its-way-to-a-cache-told-as-stale',
    races: [34],
    file: 'lambdas/failover/census/census.ts',
    from: '[...heldAgainst(await rowsOf(parts, same, pace), same), ...denied]',
    to: '[...(same.length < 0 ? [] : suspected), ...denied]',
    caughtBy: census('a write that reaches the cache a moment later'),
  },
  {
    name: 'denials-of-accounts-unseen',
    races: [16],
    file: 'lambdas/failover/census/denials.ts',
    from: "answered.filter(({ flag }) => flag === 'n')",
    to: "answered.filter(({ flag }) => flag === 'v')",
    caughtBy: census('is told, and forgotten'),
  },
  {
    name: 'denial-of-before-the-binding-told',
    races: [],
    file: 'lambdas/failover/census/denials.ts',
    from: '.filter(({ boundAt }) => Date.parse(boundAt) < beforeMs)',
    to: '.filter(({ boundAt }) => Date.parse(boundAt) < beforeMs + 3_600_000)',
    caughtBy: census('is not told while that may be from before it was bound'),
  },
  {
    name: 'denial-told-of-what-was-unbound-meanwhile',
    races: [],
    file: 'lambdas/failover/census/denials.ts',
    from: '.filter((binding) => standing.has(nameOf(binding)))',
    to: '.filter((binding) => standing.size >= 0 && nameOf(binding))',
    caughtBy: census('is not told where it was unbound while the cache was asked'),
  },
  {
    name: 'new-bindings-not-held-against-denials',
    races: [16],
    file: 'lambdas/failover/staleness/watch.ts',
    from: '() => this.#lookAtNewBindings()',
    to: '() => Promise.resolve()',
    caughtBy: watch('race 16: an account of a member that was changed lately'),
  },
];
