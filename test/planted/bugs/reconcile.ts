import type { PlantedBug } from '../bug';

const DECIDE = 'lambdas/failover/reconcile/decide.ts';
const NEXT_ROW = 'lambdas/failover/reconcile/next-row.ts';
const APPLY = 'lambdas/failover/reconcile/apply.ts';
const STATEMENTS = 'lambdas/shards/statements.ts';
const decided = (test: string) => ({ file: 'test/unit/reconcile/reconcile.test.ts', test });
const settled = (test: string) => ({ file: 'test/engine/failover/reconcile.test.ts', test });

/** In what becomes of versions that a failover left behind. */
export const RECONCILE_BUGS: readonly PlantedBug[] = [
  {
    name: 'late-event-says-nothing-of-its-request',
    races: [31],
    file: APPLY,
    from: 'if (event === undefined || !event.heldClaims.some(',
    to: 'if (event === undefined || event.heldClaims.some(',
    caughtBy: settled('race 31: an event that comes after its member came back from a copy'),
  },
  {
    name: 'lost-version-undoes-a-later-write',
    races: [50],
    file: DECIDE,
    from: "if (wasChanged || (staysOpen && field === STATUS_FIELD)) lose('changed since');",
    to: "if (staysOpen && field === STATUS_FIELD) lose('changed since');",
    caughtBy: decided('race 50: what was lost is in the row, or listed with its value'),
  },
  {
    name: 'highest-version-does-not-speak-for-those-below',
    races: [50],
    file: NEXT_ROW,
    from: '{ ...fork, from: version, taken',
    to: '{ ...fork, taken',
    caughtBy: decided('race 50: the order in which lost versions arrive'),
  },
  {
    name: 'row-of-a-new-epoch-without-a-fork',
    races: [50],
    file: DECIDE,
    from: 'epochOf(row.document.version) < terms.epoch ? [...row.forks, began] : row.forks',
    to: 'row.forks.length === 0 ? [...row.forks, began] : row.forks',
    caughtBy: decided('race 50: tails of two epochs are both kept or listed'),
  },
  {
    name: 'tail-of-an-older-epoch-undone-by-a-later-one',
    races: [50],
    file: DECIDE,
    from: 'if (older !== undefined) {',
    to: 'if (older === null) {',
    caughtBy: decided('race 50: tails of two epochs are both kept or listed'),
  },
  {
    name: 'writes-do-not-tell-their-forks',
    races: [50],
    file: 'lambdas/core/forks.ts',
    from: '.map((fork) => withChanges(fork, changed))',
    to: '.map((fork) => withChanges(fork, fork.changed))',
    caughtBy: decided('race 50: what was lost is in the row, or listed with its value'),
  },
  {
    name: 'row-stays-below-what-copies-have',
    races: [42],
    file: DECIDE,
    from: 'version: nextVersion(row?.document.version ?? 0, terms.epoch)',
    to: 'version: nextVersion(row?.document.version ?? 0, 0)',
    caughtBy: decided('race 42: the row ends above all that arrived'),
  },
  {
    name: 'binding-comes-back-whoever-has-its-claim',
    races: [52],
    file: DECIDE,
    from: 'else if (claim === undefined || stands(claim)) {',
    to: 'else if (claim === undefined || claim !== null) {',
    caughtBy: settled('race 52: is listed, and not bound, if its claim has moved on'),
  },
  {
    name: 'claim-is-looked-at-and-not-revived',
    races: [51],
    file: APPLY,
    from: 'await arbiter.claims.revive(claim.key, claim.generation, taking)',
    to: '(await arbiter.claims.read(claim.key, { consistent: true }))?.generation === claim.generation && taking',
    caughtBy: settled('race 51: comes back under its generation'),
  },
  {
    name: 'claim-taken-over-whatever-its-operation',
    races: [51],
    file: 'lambdas/arbiter/claim.ts',
    from: "operationId === undefined ? '' : ' AND #operationId = :metOperationId'",
    to: "operationId === undefined ? '' : ' AND :metOperationId = :metOperationId'",
    caughtBy: settled('race 51: comes back under its generation'),
  },
  {
    name: 'operation-that-was-given-up-is-tried-for-ever',
    races: [51],
    file: 'lambdas/failover/reconcile/operations.ts',
    from: 'ids.find((id) => !decided.has(id))',
    to: 'ids.find(() => decided.size >= 0)',
    caughtBy: settled('race 51: is settled under another operation'),
  },
  {
    name: 'listed-after-the-row-contains-it',
    races: [50],
    file: APPLY,
    from: '  await listLost(parts, candidate, decision.lost);\n  const next',
    to: '  const next',
    caughtBy: settled('race 50: what is lost is listed before the row says that it is contained'),
  },
  {
    name: 'registration-that-was-given-up-comes-back',
    races: [42],
    file: APPLY,
    from: "decided.get(event.operationId) === 'aborted'",
    to: "decided.get(event.operationId) === 'committed'",
    caughtBy: settled('race 42: a registration that was given up meanwhile is not made'),
  },
  {
    name: 'event-is-settled-without-a-lease',
    races: [20],
    file: STATEMENTS,
    from: '...(needsLease ? [{ sql: REQUIRE_LEASE',
    to: '...(needsLease && range.unit === "" ? [{ sql: REQUIRE_LEASE',
    caughtBy: settled('race 20: nothing is settled where'),
  },
  {
    name: 'event-is-settled-whatever-the-fence',
    races: [20],
    file: STATEMENTS,
    from: `.operation VALUES (?, \${FENCED_OUTCOME}, SYSDATE(6))\``,
    to: '.operation SELECT ?, IF(? + 0 > 0, ?, ?), SYSDATE(6)`',
    caughtBy: settled('race 20: nothing is settled where'),
  },
  {
    name: 'undecided-member-stays-undecided',
    races: [],
    file: STATEMENTS,
    from: '.undecided WHERE member_id = ?`,\n      values: [BigInt(document.memberId)]',
    to: '.undecided WHERE member_id = -?`,\n      values: [BigInt(document.memberId)]',
    caughtBy: settled('an undecided member is decided by its event'),
  },
  {
    name: 'operation-of-an-undecided-member-is-given-up',
    races: [],
    file: STATEMENTS,
    from: `\${decidedNow(range)}) ON DUPLICATE KEY UPDATE operation_id = operation_id`,
    to: 'IF(? = 0, NULL, SYSDATE(6))) ON DUPLICATE KEY UPDATE operation_id = operation_id',
    caughtBy: settled('an undecided member is decided by its event'),
  },
];
