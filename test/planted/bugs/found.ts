import type { PlantedBug } from '../bug';

const FOUND = 'lambdas/failover/reconcile/found.ts';
const onEngines = (test: string) => ({ file: 'test/engine/failover/found.test.ts', test });

/** In what becomes of versions that only a search domain has. */
export const FOUND_BUGS: readonly PlantedBug[] = [
  {
    name: 'forked-document-overwritten-by-its-row',
    races: [50],
    file: 'lambdas/failover/comparison/differences.ts',
    from: "isInHistory(stored.version, { version, forks }) ? 'lower' : 'forked'",
    to: "forks.length < 0 ? 'forked' : 'lower'",
    caughtBy: onEngines('race 50: a row that has moved on takes what it has not changed'),
  },
  {
    name: 'masked-copy-taken-over',
    races: [],
    file: FOUND,
    from: 'isWhole && document !== undefined && epochOf',
    to: 'document !== undefined && epochOf',
    caughtBy: onEngines('of what only a masked domain has nothing is taken'),
  },
  {
    name: 'what-nobody-can-order-is-not-listed',
    races: [],
    file: FOUND,
    from: "if (reconciled === 'contained' && !isInHistory",
    to: "if (reconciled !== 'contained' && !isInHistory",
    caughtBy: onEngines('is listed whole, and led by its row'),
  },
  {
    name: 'row-led-into-an-epoch-that-nobody-took',
    races: [22],
    file: FOUND,
    from: 'if (row !== undefined && epochOf(version + 1) <= unit.epoch) {',
    to: 'if (row !== undefined) {',
    caughtBy: onEngines('leaves the domain, with its look-ups, where no row can lead it'),
  },
  {
    name: 'look-ups-of-nobody-stay',
    races: [],
    file: 'lambdas/search/writer.ts',
    from: '...(gone.live.get(memberId) ?? []).map',
    to: '...([] as LiveLookup[]).map',
    caughtBy: onEngines('leaves the domain, with its look-ups, where no row can lead it'),
  },
  {
    name: 'last-copy-of-lost-rows-taken-out',
    races: [],
    file: FOUND,
    from: "if (unordered >= (parts.mostUnordered ?? MOST_UNORDERED)) return 'left';",
    to: '',
    caughtBy: onEngines('stays where it is if there is too much of it'),
  },
  {
    name: 'found-version-settled-while-its-unit-moves',
    races: [28],
    file: FOUND,
    from: "unit?.mode === 'database' && unit.transition === undefined",
    to: 'unit !== undefined',
    caughtBy: onEngines('waits while its unit takes no writes'),
  },
  {
    name: 'what-was-handled-is-listed-again',
    races: [],
    file: 'lambdas/arbiter/lost-values.ts',
    from: "'(#version = :version AND attribute_not_exists(#handledBy))'",
    to: "'#version = :version'",
    caughtBy: {
      file: 'test/engine/arbiter/journal.test.ts',
      test: 'a lost value that somebody has handled',
    },
  },
];
