import type { PlantedBug } from '../bug';

/** In what keeps an import from registering somebody twice, or not at all. */
export const IMPORT_BUGS: readonly PlantedBug[] = [
  {
    name: 'second-of-equal-lines-is-taken-for-the-first',
    races: [],
    file: 'cli/importer/lines.ts',
    from: 'markedOccurrence(reported, content) ?? this',
    to: 'this',
    caughtBy: {
      file: 'test/unit/import/retries.test.ts',
      test: 'is set aside as the second of its kind',
    },
  },
];
