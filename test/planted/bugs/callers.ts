import type { PlantedBug } from '../bug';

const CHANGES = 'lambdas/traffic/caller-changes.ts';
const REGISTRY = 'lambdas/traffic/caller-registry.ts';
const DIRECTORY = 'lambdas/traffic/caller-directory.ts';
const DIRECTORY_TEST = 'test/unit/traffic/caller-directory.test.ts';
const ARBITER = 'test/engine/arbiter/callers.test.ts';
const GUARDS = 'test/unit/traffic/guards.test.ts';
const EDITS = 'test/unit/traffic/caller-changes.test.ts';

/** What keeps the registry of callers true, and their keys secret and short-lived. */
export const CALLER_BUGS: readonly PlantedBug[] = [
  {
    name: 'caller-changed-on-no-condition',
    races: [],
    file: 'lambdas/arbiter/callers.ts',
    from: "'#revision = :before'",
    to: "'#revision <> :before OR #revision = :before'",
    caughtBy: { file: ARBITER, test: 'of two who change a caller at once neither undoes what the other did' },
  },
  {
    name: 'caller-entered-over-another',
    races: [],
    file: 'lambdas/arbiter/callers.ts',
    from: "before === 0 ? 'attribute_not_exists(#revision)'",
    to: "before === 0 ? 'attribute_not_exists(#nothing)'",
    caughtBy: { file: ARBITER, test: 'a caller is entered once' },
  },
  {
    name: 'change-of-a-caller-lost-to-the-audit',
    races: [],
    file: REGISTRY,
    from: 'await tell(arbiter, before);',
    to: '',
    caughtBy: { file: ARBITER, test: 'a change that died before it was told' },
  },
  {
    name: 'change-of-a-caller-kept-to-itself',
    races: [],
    file: REGISTRY,
    from: 'arbiter.decisions.raiseCallersRevision(), ',
    to: '',
    caughtBy: { file: ARBITER, test: 'every change lets environments know' },
  },
  {
    name: 'deployment-undoes-what-operators-did-to-callers',
    races: [],
    file: REGISTRY,
    from: 'if (present !== undefined && present.revision > 0) return;',
    to: "if (present !== undefined) return void (await arbiter.callers.put({ ...present, status: 'active', revision: present.revision + 1 }));",
    caughtBy: { file: ARBITER, test: 'a deployment enters callers, and leaves those' },
  },
  {
    name: 'expired-key-lets-in',
    races: [],
    file: 'lambdas/traffic/api-key.ts',
    from: ' & Number(nowMs < expiresAtMs)',
    to: '',
    caughtBy: { file: GUARDS, test: 'an expired key is refused from that moment on' },
  },
  {
    name: 'comparison-of-keys-ends-at-the-first-that-fits',
    races: [],
    file: 'lambdas/traffic/api-key.ts',
    from: 'matches |= Number(',
    to: 'if (matches === 1) break;\n    matches |= Number(',
    caughtBy: { file: GUARDS, test: 'looks at every hash of a caller, whichever fits' },
  },
  {
    name: 'third-key-lives',
    races: [],
    file: CHANGES,
    from: 'live.length >= MOST_LIVE_KEYS',
    to: 'live.length > MOST_LIVE_KEYS',
    caughtBy: { file: EDITS, test: 'never more than two keys live' },
  },
  {
    name: 'rotated-key-lives-on',
    races: [],
    file: CHANGES,
    from: 'expiresAtMs: Math.min(key.expiresAtMs ?? Number.POSITIVE_INFINITY, atMs)',
    to: 'expiresAtMs: Math.max(key.expiresAtMs ?? 0, atMs)',
    caughtBy: { file: EDITS, test: 'a rotation does not lengthen the life of a key' },
  },
  {
    name: 'last-key-retired',
    races: [],
    file: CHANGES,
    from: 'live.length < 2',
    to: 'live.length < 1',
    caughtBy: { file: EDITS, test: 'retiring ends all but the newest, and never the last one' },
  },
  {
    name: 'suspended-caller-known-as-before',
    races: [],
    file: DIRECTORY,
    from: ' && entry.heard === this.#heard',
    to: '',
    caughtBy: { file: DIRECTORY_TEST, test: 'no request is let in by what was known before' },
  },
  {
    name: 'changed-caller-read-where-it-may-be-the-former-one',
    races: [],
    file: DIRECTORY,
    from: "isOutdated ? 'strong' : 'near'",
    to: "'near'",
    caughtBy: { file: DIRECTORY_TEST, test: 'no request is let in by what was known before' },
  },
  {
    name: 'change-that-could-not-be-read-left-to-a-copy',
    races: [],
    file: DIRECTORY,
    from: 'entry.isDoubtful || entry.heard !== heard);',
    to: 'entry.heard !== heard);',
    caughtBy: { file: DIRECTORY_TEST, test: 'a registry that is away is asked by one request, then beside them' },
  },
  {
    name: 'look-up-from-before-a-change-believed-after-it',
    races: [],
    file: DIRECTORY,
    from: 'this.#lookups.clear();',
    to: '',
    caughtBy: { file: DIRECTORY_TEST, test: 'what was asked for before the change is no answer' },
  },
  {
    name: 'late-answer-of-before-a-change-kept',
    races: [],
    file: DIRECTORY,
    from: 'if (heard < this.#heard) return known;',
    to: '',
    caughtBy: { file: DIRECTORY_TEST, test: 'what was asked for before the change is no answer' },
  },
  {
    name: 'revision-of-callers-taken-back-by-a-late-snapshot',
    races: [],
    file: 'lambdas/switches/snapshot.ts',
    from: 'Math.max(known.callers, arrived.callers)',
    to: 'arrived.callers',
    caughtBy: {
      file: 'test/unit/switches/switches.test.ts',
      test: 'how often the registry of callers was changed is compiled, and never taken back',
    },
  },
  {
    name: 'cursor-good-for-every-caller',
    races: [],
    file: 'lambdas/search/cursor.ts',
    from: '    binding.callerId,\n',
    to: '',
    caughtBy: { file: 'test/unit/search/cursor.test.ts', test: 'it goes on with no search of another' },
  },
  {
    name: 'callers-called-unused-where-calls-are-forgotten',
    races: [],
    file: 'cli/callers/audit.ts',
    from: "if (usage.knownSince === undefined || usage.isPartial || status === 'suspended') return [];",
    to: "if (usage.isPartial || status === 'suspended') return [];",
    caughtBy: {
      file: 'test/unit/cli/callers-audit.test.ts',
      test: 'callers that do not call, or not in all their classes',
    },
  },
  {
    name: 'rule-on-trial-taken-for-a-bound',
    races: [],
    file: 'cli/callers/audit.ts',
    from: "mode === 'on');",
    to: "mode !== 'off');",
    caughtBy: { file: 'test/unit/cli/callers-audit.test.ts', test: 'callers without owner, class, or rule are found' },
  },
];
