import type { PlantedBug } from '../bug';

const ACCEPTANCE = 'lambdas/switches/acceptance.ts';
const KEEPER_FILE = 'lambdas/switches/keeper.ts';
const BOOK = 'lambdas/switches/book.ts';
const MARKS = 'lambdas/switches/marks.ts';
const SAFETY = 'lambdas/switches/safety.ts';
const SNAPSHOT = 'lambdas/switches/snapshot.ts';
const KEEPER = 'test/unit/switches/keeper.test.ts';
const LATE = 'test/unit/switches/late-copies.test.ts';
const MODEL = 'test/unit/switches/acceptance.model.test.ts';
const CATALOGUE = 'test/unit/switches/catalogue.test.ts';
const SWITCHES = 'test/unit/switches/switches.test.ts';

/** What makes one order of what two regions are turned to, and keeps every store to it. */
export const SWITCH_BUGS: readonly PlantedBug[] = [
  {
    name: 'older-snapshot-turns-switches-back',
    races: [21],
    file: SNAPSHOT,
    from: '...(arrived.step < known.step ? known : arrived)',
    to: '...arrived',
    caughtBy: { file: SWITCHES, test: 'race 21: a switch never goes back because an older snapshot arrives late' },
  },
  {
    name: 'book-of-switches-changed-on-no-condition',
    races: [22],
    file: 'lambdas/arbiter/switch-decisions.ts',
    from: "condition: from.step === 0 ? 'attribute_not_exists(#key)' : '#step = :step',",
    to: "condition: from.step === 0 ? 'attribute_not_exists(#key)' : '#step >= :step',",
    caughtBy: {
      file: 'test/engine/arbiter/decisions.test.ts',
      test: 'race 22: the book of switches goes on by one step at a time',
    },
  },
  {
    name: 'defaults-of-a-new-store-taken-for-orders',
    races: [23],
    file: ACCEPTANCE,
    from: 'if (seen.version === 1) return',
    to: 'if (seen.version === 0) return',
    caughtBy: { file: KEEPER, test: 'race 23: a store that began anew with the defaults' },
  },
  {
    name: 'lost-parameter-not-put-back',
    races: [23],
    file: ACCEPTANCE,
    from: "if (parameter === undefined) return { meaning: 'lost', ...putAgain(record, region, nowMs) };",
    to: "if (parameter === undefined) return { meaning: 'lost', record, puts: [] };",
    caughtBy: { file: KEEPER, test: 'race 23: a parameter that a store has lost is put back' },
  },
  {
    name: 'late-copy-taken-for-an-order',
    races: [45],
    file: MARKS,
    from: "if (mark !== undefined && isFirst) return { kind: 'machine' };",
    to: '',
    caughtBy: { file: MODEL, test: 'races 22, 45, 57: whatever crosses, doubles, is lost or late by any time' },
  },
  {
    name: 'kept-mark-taken-for-a-copy',
    races: [57],
    file: MARKS,
    from: 'const isFirst = !versions.some((one) => one.version < version && markIn(one) === mark);',
    to: 'const isFirst = true;',
    caughtBy: {
      file: LATE,
      test: 'race 57: whoever turns a switch back to what the machine has put before is obeyed',
    },
  },
  {
    name: 'history-that-does-not-tell-taken-for-an-order',
    races: [45],
    file: KEEPER_FILE,
    from: 'if (maker === undefined) throw',
    to: "if (maker === undefined) return { versions, maker: { kind: 'operator' } as const };\n    if (maker === undefined) throw",
    caughtBy: { file: LATE, test: 'what the history of a store does not tell of yet is looked at again' },
  },
  {
    name: 'late-copy-taken-for-a-reminder',
    races: [45],
    file: KEEPER_FILE,
    from: "if (maker.kind === 'machine') return;",
    to: '',
    caughtBy: { file: LATE, test: 'race 45: a unit that was asked for is not asked for again by a copy' },
  },
  {
    name: 'change-told-twice-taken-for-two-orders',
    races: [45],
    file: ACCEPTANCE,
    from: 'const isNews = store.seen === undefined || !isSame(store.seen, seen);',
    to: 'const isNews = true;',
    caughtBy: { file: LATE, test: 'race 45: a change that is told of again, after the next value was accepted' },
  },
  {
    name: 'ended-put-waited-for',
    races: [],
    file: ACCEPTANCE,
    from: 'const ended = hash === hashOf(record.text) ?',
    to: 'const ended = hash === undefined ?',
    caughtBy: {
      file: 'test/unit/switches/orders.test.ts',
      test: 'a put that something has come over before it was answered holds up no other',
    },
  },
  {
    name: 'stale-answer-of-a-store-taken-for-an-order',
    races: [],
    file: ACCEPTANCE,
    from: 'return one.version < other.version && one.modifiedAtMs <= other.modifiedAtMs;',
    to: 'return one.version < other.version && one.modifiedAtMs > other.modifiedAtMs;',
    caughtBy: { file: KEEPER, test: 'a store that answers with what it held a moment ago' },
  },
  {
    name: 'copy-put-after-its-announcement-counts',
    races: [],
    file: BOOK,
    from: 'if (clock.monotonicMs() - announcedAtMs > LEAVES_WITHIN_MS) return;',
    to: '',
    caughtBy: { file: KEEPER, test: 'a copier that slept does not put' },
  },
  {
    name: 'audit-entry-lost-with-its-first-attempt',
    races: [],
    file: BOOK,
    from: 'untold: [...change.record.untold, ...untold]',
    to: 'untold: change.record.untold',
    caughtBy: { file: KEEPER, test: 'what the audit could not be told is told later' },
  },
  {
    name: 'unsafe-value-accepted',
    races: [],
    file: KEEPER_FILE,
    from: "if (reasons.length > 0 || !name.startsWith('units/')) return reasons;",
    to: "if (!name.startsWith('units/')) return [];",
    caughtBy: { file: KEEPER, test: 'what is unsafe is never published' },
  },
  {
    name: 'machine-turns-what-someone-has-turned-since',
    races: [],
    file: KEEPER_FILE,
    from: 'if (expectedRevision !== undefined && expectedRevision !== record.revision) {',
    to: 'if (expectedRevision !== undefined && expectedRevision < record.revision) {',
    caughtBy: {
      file: 'test/unit/switches/orders.test.ts',
      test: 'is bound by the same rules, and yields to who has turned it since',
    },
  },
  {
    name: 'last-region-stopped',
    races: [],
    file: SAFETY,
    from: "standing === 'active' ? undefined :",
    to: "standing !== 'fenced' ? undefined :",
    caughtBy: { file: CATALOGUE, test: 'the last region that serves is not stopped' },
  },
  {
    name: 'cache-emptied-into-the-past',
    races: [],
    file: SAFETY,
    from: 'generation < least',
    to: 'generation < 1',
    caughtBy: { file: CATALOGUE, test: 'a cache is not taken back to what it held' },
  },
  {
    name: 'where-a-unit-stands-recorded-over-an-order',
    races: [],
    file: 'lambdas/switches/keeper.ts',
    from: 'if (transition !== undefined || hashOf(text)',
    to: 'if (hashOf(text)',
    caughtBy: {
      file: 'test/unit/switches/orders.test.ts',
      test: 'that has got somewhere without anybody recording it',
    },
  },
  {
    name: 'copy-taken-for-a-reminder',
    races: [45],
    file: 'lambdas/switches/acceptance.ts',
    from: 'hashOf(parameter.text) === hash && intent === undefined;',
    to: 'hashOf(parameter.text) === hash;',
    caughtBy: { file: 'test/unit/switches/orders.test.ts', test: 'race 45: is no copy that the machine may have put' },
  },
  {
    name: 'reminder-not-heard',
    races: [28],
    file: 'lambdas/switches/keeper.ts',
    from: 'if (isReminder(record, { region, parameter })) await this.#remind(name, record, region, parameter);',
    to: '',
    caughtBy: { file: 'test/unit/switches/orders.test.ts', test: 'that has not got there yet is asked for again' },
  },
  {
    name: 'value-put-again-over-what-was-turned-meanwhile',
    races: [],
    file: 'cli/switches/give.ts',
    from: 'if (before !== undefined && version > before) return version;',
    to: '',
    caughtBy: {
      file: 'test/unit/cli/switch.test.ts',
      test: 'of a value that landed without an answer, and does not come over what was turned after it',
    },
  },
];
