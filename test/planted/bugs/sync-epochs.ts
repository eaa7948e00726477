import type { PlantedBug } from '../bug';

const APPLY = 'lambdas/sync/apply.ts';
const EPOCHS = 'lambdas/sync/epochs.ts';
const VERSIONS = 'lambdas/core/version.ts';
const decided = (test: string) => ({ file: 'test/unit/reconcile/reconcile.test.ts', test });
const epochs = (test: string) => ({ file: 'test/engine/sync/epochs.test.ts', test });

const LOOK_AGAIN = 'if ([...units].every(([name, unit]) => now.get(name)?.epoch === unit.epoch)) return outcomes;';

/** In what an event of an older epoch comes to. */
export const SYNC_EPOCH_BUGS: readonly PlantedBug[] = [
  {
    name: 'event-of-the-lost-writer-wins',
    races: [42],
    file: EPOCHS,
    from: 'return epochOf(event.version) < unitEpoch;',
    to: 'return false;',
    caughtBy: epochs('race 42: an event of the lost writer that is ahead of the promoted row does not win'),
  },
  {
    name: 'lost-version-is-dropped-in-silence',
    races: [42],
    file: APPLY,
    from: 'if (settle !== undefined) await',
    to: 'if (settle !== undefined && event.version < 0) await',
    caughtBy: epochs('race 42: an event that cannot be reconciled yet comes back'),
  },
  {
    name: 'event-that-only-a-domain-still-waits-for-is-dropped',
    races: [42],
    file: APPLY,
    from: 'if (handOver !== undefined && !isContained(event, row)) await handOver(event);',
    to: '',
    caughtBy: epochs('race 42: who does not settle hands over what is not in a row'),
  },
  {
    name: 'version-ahead-of-its-row-is-contained',
    races: [42],
    file: VERSIONS,
    from: 'if (version > row.version) return false;',
    to: '',
    caughtBy: decided('race 42: the row ends above all that arrived'),
  },
  {
    name: 'event-without-a-row-is-applied',
    races: [42],
    file: APPLY,
    from: 'row === undefined ? {} :',
    to: 'row === undefined ? { event } :',
    caughtBy: epochs('race 42: of a member whose row was never replicated'),
  },
  {
    name: 'row-is-read-where-its-writer-is-not',
    races: [8, 42],
    file: APPLY,
    from: 'shards.members.read(event.memberId, unit.writer, ROW_TIMEOUT_MS)',
    to: "shards.members.read(event.memberId, unit.writer === 'A' ? 'B' : 'A', ROW_TIMEOUT_MS)",
    caughtBy: epochs('race 8: a letter that is sent again after a failover'),
  },
  {
    name: 'row-that-cannot-be-read-is-no-row',
    races: [8],
    file: APPLY,
    from: 'await shards.members.read(event.memberId, unit.writer, ROW_TIMEOUT_MS);',
    to: 'await shards.members.read(event.memberId, unit.writer, ROW_TIMEOUT_MS).catch(() => ({ row: undefined }));',
    caughtBy: epochs('race 8: an outdated event whose row cannot be read'),
  },
  {
    name: 'keys-of-the-lost-version-stay',
    races: [8],
    file: EPOCHS,
    from: 'removedKeys: known.filter((key) => !present.has(lookupKeyText(key))),',
    to: 'removedKeys: outdated.removedKeys,',
    caughtBy: epochs('race 8: a letter that is sent again after a failover'),
  },
  {
    name: 'history-without-forks',
    races: [50],
    file: VERSIONS,
    from: 'return fork === undefined || version <= fork.from;',
    to: 'return true;',
    caughtBy: decided('race 50: what was lost is in the row, or listed with its value'),
  },
  {
    name: 'history-ends-before-the-fork',
    races: [50],
    file: VERSIONS,
    from: 'version <= fork.from;',
    to: 'version < fork.from;',
    caughtBy: decided('what an epoch replicated is contained in every row that follows'),
  },
  {
    name: 'history-counts-the-last-fork-only',
    races: [50],
    file: VERSIONS,
    from: 'const fork = row.forks.find((candidate)',
    to: 'const fork = [...row.forks].reverse().find((candidate)',
    caughtBy: {
      file: 'test/unit/core/version.test.ts',
      test: 'race 50: a version is in the history of a row exactly if the row descends from it',
    },
  },
  {
    name: 'epoch-is-not-looked-at-again',
    races: [54],
    file: APPLY,
    from: LOOK_AGAIN,
    to: 'return outcomes;',
    caughtBy: epochs('race 54: looks again before its messages are deleted'),
  },
  {
    name: 'epoch-is-looked-at-before-the-write',
    races: [54],
    file: APPLY,
    from: `    const outcomes = await applyOnce(rule, events, units, target);
    const now = await unitsNow(rule.switches, [...units.keys()]);
`,
    to: `    const now = await unitsNow(rule.switches, [...units.keys()]);
    const outcomes = await applyOnce(rule, events, units, target);
`,
    caughtBy: epochs('race 54: looks again before its messages are deleted'),
  },
  {
    name: 'one-unit-at-rest-is-enough',
    races: [54],
    file: APPLY,
    from: 'if ([...units].every((',
    to: 'if ([...units].some((',
    caughtBy: epochs('race 54: notices the failover of any unit of its batch'),
  },
  {
    name: 'epoch-is-looked-at-in-the-snapshot',
    races: [54],
    file: APPLY,
    from: 'await Promise.all(names.map((name) => switches.unitNow(name)));',
    to: 'await Promise.all(names.map(async (name) => (await switches.current()).units[name]));',
    caughtBy: epochs('race 54: an environment whose switches are stale finds out by the same look'),
  },
  {
    name: 'epochs-that-keep-rising-are-given-up-on',
    races: [54],
    file: APPLY,
    from: "throw unavailable('the epochs of these units keep rising');",
    to: 'return events.map(() => ({ ok: true }));',
    caughtBy: epochs('race 54: gives its messages back if the epoch rises again whenever it looks'),
  },
];
