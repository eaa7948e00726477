import type { PlantedBug } from '../bug';

const COMPARISON = 'lambdas/failover/comparison/';
const WRITER = 'lambdas/search/writer.ts';
const onEngines = (test: string) => ({ file: 'test/engine/failover/comparison.test.ts', test });
const inMind = (test: string) => ({ file: 'test/unit/failover/comparison.test.ts', test });

/** What keeps a comparison from overlooking something, from telling of movement, and from writing what is old. */
export const COMPARISON_BUGS: readonly PlantedBug[] = [
  {
    name: 'comparison-goes-on-among-members-of-a-new-system',
    races: [],
    file: 'local/system/directory.ts',
    from: '[...Object.values(rest), ...positions].map(',
    to: 'Object.values(rest).map(',
    caughtBy: { file: 'test/unit/local-engines/machine.test.ts', test: 'emptying forgets what runs left' },
  },
  {
    name: 'moving-rows-reported',
    races: [34],
    file: `${COMPARISON}suspects.ts`,
    from: 'const found = confirmed(suspected, stored, rows);',
    to: 'const found = [...suspected];',
    caughtBy: onEngines('race 34: a row that moves on'),
  },
  {
    name: 'event-on-its-way-reported',
    races: [34],
    file: `${COMPARISON}suspects.ts`,
    from: 'if (waitMs > 0) await pause(waitMs);',
    to: '',
    caughtBy: onEngines('race 34: an event that is still on its way'),
  },
  {
    name: 'repair-undoes-what-came-meanwhile',
    races: [34],
    file: 'lambdas/search/operations.ts',
    from: ', version, version_type: versionType }',
    to: ' }',
    caughtBy: onEngines('what is written from a row does not undo'),
  },
  {
    name: 'lost-key-stays-after-repair',
    races: [],
    file: WRITER,
    from: '...gone.map((lookup)',
    to: '...gone.slice(gone.length).map((lookup)',
    caughtBy: onEngines('in a masked domain a key that a row has lost'),
  },
  {
    name: 'damage-under-the-right-version-stays',
    races: [],
    file: WRITER,
    from: "groups, 'external_gte', signal",
    to: "groups, 'external', signal",
    caughtBy: onEngines('is found out, member by member'),
  },
  {
    name: 'look-ups-not-compared',
    races: [],
    file: `${COMPARISON}differences.ts`,
    from: ' && rows.lookups === domain.lookups;',
    to: ';',
    caughtBy: inMind('sums are the same only if all of them are'),
  },
  {
    name: 'first-id-behind-a-cursor-skipped',
    races: [],
    file: 'lambdas/core/id-range.ts',
    from: 'id + 1n, last }',
    to: 'id + 2n, last }',
    caughtBy: inMind('hold every id above a cursor once'),
  },
  {
    name: 'digests-that-cancel-out',
    races: [],
    file: 'lambdas/core/digest.ts',
    from: 'return (checksum ^ 0xffffffff) >>> 0;',
    to: 'return version % 2 ** 32;',
    caughtBy: inMind('do not cancel out'),
  },
];
