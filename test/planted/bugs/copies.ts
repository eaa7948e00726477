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
    from: 'const same = again.filter(({ key, version }) => before.get(key) === version);\n  return heldAgainstRows(parts, same, pace);',
    to: 'return again.length < 0 ? [] : suspected;',
    caughtBy: census('a write that reaches the cache a moment later'),
  },
];
