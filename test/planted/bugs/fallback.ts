import type { PlantedBug } from '../bug';

const MODEL = 'test/unit/members/fallback/model.test.ts';
const FOLD = 'test/unit/members/fallback/fold.test.ts';
const COPIES = 'test/unit/members/fallback/copies.test.ts';
const DRAIN = 'test/engine/failover/drain.test.ts';

/** What brings all that was acknowledged without a database into the rows, once. */
export const FALLBACK_BUGS: readonly PlantedBug[] = [
  {
    name: 'fallback-epoch-not-read-after-the-put',
    races: [26, 28],
    file: 'lambdas/members/fallback/writer.ts',
    from: 'if (now.epoch !== operation.unit.epoch) return',
    to: 'if (now.epoch < operation.unit.epoch) return',
    caughtBy: { file: MODEL, test: 'races 26, 28: what is acknowledged in a fallback is in the rows once' },
  },
  {
    name: 'command-that-somebody-else-replayed-counts-as-done',
    races: [26],
    file: 'lambdas/members/fallback/writer.ts',
    from: 'if (before.has(id)) throw elsewhere();',
    to: '',
    caughtBy: {
      file: 'test/unit/members/fallback/writer.test.ts',
      test: 'race 26: whoever puts a command that somebody else replays',
    },
  },
  {
    name: 'journal-forgets-what-only-one-region-was-told',
    races: [43],
    file: 'lambdas/members/fallback/replay.ts',
    from: "(await settleRow(parts, next, settling, 'both'))",
    to: '(await settleRow(parts, next, settling))',
    caughtBy: {
      file: 'test/unit/members/fallback/writer.test.ts',
      test: 'race 43: what both regions were said to have',
    },
  },
  {
    name: 'command-put-over-another',
    races: [26],
    file: 'lambdas/arbiter/commands.ts',
    from: "condition: 'attribute_not_exists(#sort)'",
    to: "condition: 'attribute_not_exists(#nothing)'",
    caughtBy: { file: MODEL, test: 'races 26, 28: what is acknowledged in a fallback is in the rows once' },
  },
  {
    name: 'command-without-its-claims',
    races: [26],
    file: 'lambdas/members/fallback/writer.ts',
    from: 'claims: event.heldClaims,',
    to: 'claims: [],',
    caughtBy: { file: MODEL, test: 'races 26, 28: what is acknowledged in a fallback is in the rows once' },
  },
  {
    name: 'commands-replayed-on-their-copy',
    races: [26],
    file: 'lambdas/members/fallback/fold.ts',
    from: 'let { document } = row;',
    to: 'let document = commands[0]?.base ?? row.document;',
    caughtBy: { file: FOLD, test: 'race 26: commands are applied to the row as it is' },
  },
  {
    name: 'condition-of-a-command-forgotten',
    races: [26],
    file: 'lambdas/members/fallback/fold.ts',
    from: 'if (journaled.isConditional && !isAsSeen',
    to: 'if (journaled.isConditional && isAsSeen === undefined',
    caughtBy: { file: FOLD, test: 'race 26: who named a version is refused where the row is not what was seen' },
  },
  {
    name: 'fallback-forgotten-by-the-row',
    races: [42],
    file: 'lambdas/members/fallback/fold.ts',
    from: 'from: Math.max(fork.from, last)',
    to: 'from: fork.from',
    caughtBy: { file: FOLD, test: 'race 42: what the fallback made is the past of the row' },
  },
  {
    name: 'replay-made-twice',
    races: [26],
    file: 'lambdas/members/fallback/replay.ts',
    from: "commands.filter(({ operationId }) => decided.get(operationId) !== 'committed')",
    to: 'commands',
    caughtBy: {
      file: DRAIN,
      test: 'race 26: a replay that is made once more, after others have written, changes nothing',
    },
  },
  {
    name: 'claims-judged-in-fallback',
    races: [53],
    file: 'lambdas/members/claims.ts',
    from: "if (unit.mode !== 'database') throw",
    to: 'if (false) throw',
    caughtBy: { file: DRAIN, test: 'race 53: a binding is not judged by its row before the drain' },
  },
  {
    name: 'account-for-two-in-a-fallback',
    races: [27],
    file: 'lambdas/members/taking.ts',
    from: "if (outcome.won || met.operationId === asker.operationId) return { kind: 'taken', claim: met };",
    to: "if (outcome.won || met.requestHash === undefined) return { kind: 'taken', claim: met };",
    caughtBy: { file: MODEL, test: 'race 27: of members who want one account in a fallback one gets it' },
  },
  {
    name: 'binding-replayed-without-its-claim',
    races: [27],
    file: 'lambdas/members/fallback/fold.ts',
    from: 'journaled.claims.filter(stands)',
    to: 'journaled.claims',
    caughtBy: { file: FOLD, test: 'race 27: what the row does not take, or its claim does not name any more' },
  },
  {
    name: 'fallback-left-without-a-drain',
    races: [28, 53],
    file: 'lambdas/failover/transition.ts',
    from: "...(drains ? ['drain' as const] : []),",
    to: '',
    caughtBy: {
      file: 'test/unit/failover/transition.test.ts',
      test: 'races 28, 53: fallback needs nothing of a database; whatever leaves it drains before it replays',
    },
  },
  {
    name: 'rows-read-in-fallback',
    races: [26],
    file: 'lambdas/members/copies.ts',
    from: 'if (readsJournal(unit)) return this.#journaled(request, snapshot);',
    to: '',
    caughtBy: { file: COPIES, test: 'race 26: no row is believed, until the unit is open again' },
  },
  {
    name: 'domain-believed-without-the-journal',
    races: [26],
    file: 'lambdas/members/fallback/copies.ts',
    from: 'found.version >= last.version',
    to: 'found.version >= 0',
    caughtBy: { file: COPIES, test: 'race 26: a domain that has missed a command is given it before it is believed' },
  },
];
