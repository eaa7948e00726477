import type { PlantedBug } from '../bug';

const ACCEPTANCE = 'lambdas/switches/acceptance.ts';
const KEEPER_FILE = 'lambdas/switches/keeper.ts';
const SAFETY = 'lambdas/switches/safety.ts';
const SNAPSHOT = 'lambdas/switches/snapshot.ts';
const KEEPER = 'test/unit/switches/keeper.test.ts';
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
    file: ACCEPTANCE,
    from: 'return late.some((one) => one.hash === hash && modifiedAtMs < one.untilMs);',
    to: 'return late.some((one) => one.hash === hash && modifiedAtMs > one.untilMs);',
    caughtBy: { file: KEEPER, test: 'race 45: a copy that arrives after the next value is no order' },
  },
  {
    name: 'change-told-twice-taken-for-two-orders',
    races: [45],
    file: ACCEPTANCE,
    from: 'const isNews = store.seen === undefined || !isSame(store.seen, seen);',
    to: 'const isNews = true;',
    caughtBy: { file: KEEPER, test: 'race 45: a change that is told of again, after the next value was accepted' },
  },
  {
    name: 'replaced-copies-forgotten-at-once',
    races: [45],
    file: ACCEPTANCE,
    from: 'return { ...rest, late: [...late.filter((one) => one !== same), retiring] };',
    to: 'return { ...rest, late };',
    caughtBy: { file: MODEL, test: 'races 22, 45, 57: whatever crosses, doubles, is late or lost' },
  },
  {
    name: 'late-copies-forgotten-at-every-look',
    races: [45],
    file: ACCEPTANCE,
    from: 'const late = store.late.filter(({ untilMs }) => nowMs < untilMs + READ_LATE_BY_MS);',
    to: 'const late: Late[] = [];',
    caughtBy: { file: KEEPER, test: 'race 45: a copy that arrives after the next value is no order' },
  },
  {
    name: 'late-copies-not-looked-for-after-their-time',
    races: [45],
    file: ACCEPTANCE,
    from: 'const store = before.stores[region];',
    to: 'const store = record.stores[region];',
    caughtBy: { file: KEEPER, test: 'race 45: a copy that nobody heard of and nobody looked for' },
  },
  {
    name: 'lost-copy-expected-for-ever',
    races: [57],
    file: ACCEPTANCE,
    from: 'return late.some((one) => one.hash === hash && modifiedAtMs < one.untilMs);',
    to: 'return late.some((one) => one.hash === hash);',
    caughtBy: { file: KEEPER, test: 'race 57: a copy that was lost swallows no later order' },
  },
  {
    name: 'answered-copies-expected-to-come-again',
    races: [57],
    file: ACCEPTANCE,
    from: 'const store = withoutPut(record.stores[region], hash);',
    to: 'const store = record.stores[region];',
    caughtBy: { file: KEEPER, test: 'a switch may be turned there and back at once' },
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
    file: KEEPER_FILE,
    from: 'if (clock.monotonicMs() - announcedAtMs > LEAVES_WITHIN_MS) return;',
    to: '',
    caughtBy: { file: KEEPER, test: 'a copier that slept does not put' },
  },
  {
    name: 'audit-entry-lost-with-its-first-attempt',
    races: [],
    file: KEEPER_FILE,
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
    from: 'hashOf(parameter.text) === hash && !isOurs;',
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
];
