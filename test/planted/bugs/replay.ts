import type { PlantedBug } from '../bug';

const COMPARE = 'lambdas/failover/replay/compare.ts';
const IN_FLIGHT = 'lambdas/failover/replay/in-flight.ts';
const MOVES = 'lambdas/failover/replay/moves.ts';
const INVALIDATION = 'lambdas/cache/invalidation.ts';
const replayed = (test: string) => ({ file: 'test/engine/failover/replay.test.ts', test });
const told = (test: string) => ({ file: 'test/engine/cache/in-flight.test.ts', test });

/** In what a promoted writer is brought up to before it takes writes. */
export const REPLAY_BUGS: readonly PlantedBug[] = [
  {
    name: 'domains-are-not-compared',
    races: [25, 42],
    file: COMPARE,
    from: "if (DOMAINS[name].holds === 'whole') {",
    to: 'if (page.length < 0) {',
    caughtBy: replayed('races 25, 42: what a whole domain has ahead of its row is taken over'),
  },
  {
    name: 'domains-are-compared-before-a-refresh',
    races: [25],
    file: COMPARE,
    from: '  await domains[name].refresh();\n',
    to: '',
    caughtBy: replayed('races 25, 42: what a whole domain has ahead of its row is taken over'),
  },
  {
    name: 'row-does-not-follow-a-masked-domain',
    races: [42],
    file: COMPARE,
    from: 'hit.version > (rows.get(hit.memberId)?.document.version ?? Infinity)',
    to: 'hit.version > (rows.get(hit.memberId)?.document.version ?? Infinity) + 2 ** 40',
    caughtBy: replayed('race 42: a row follows what only a masked domain has'),
  },
  {
    name: 'moved-minutes-are-not-read',
    races: [52],
    file: MOVES,
    from: 'if (progress.now.areMovesRead) return;',
    to: 'if (!progress.now.areMovesRead) return;',
    caughtBy: replayed('race 52: a binding whose claim was given away'),
  },
  {
    name: 'move-that-was-only-noted-is-believed',
    races: [52],
    file: MOVES,
    from: "return claim?.memberId === memberId && claim.generation === generation && claim.state !== 'free';",
    to: 'return claim?.memberId === memberId && claim.generation > generation;',
    caughtBy: replayed('race 52: a binding whose claim was given away'),
  },
  {
    name: 'lately-changed-members-are-not-owed-again',
    races: [44],
    file: 'lambdas/failover/replay/index.ts',
    from: '    await republish(parts, run);\n',
    to: '',
    caughtBy: replayed('race 44: lately changed members are owed'),
  },
  {
    name: 'owed-again-all-at-once',
    races: [44],
    file: 'lambdas/shards/recovery.ts',
    from: 'Math.round((pace.delayS + index / pace.perS) * 1e6)',
    to: 'Math.round(pace.delayS * 1e6)',
    caughtBy: replayed('race 44: lately changed members are owed'),
  },
  {
    name: 'operations-under-way-are-forgotten',
    races: [],
    file: IN_FLIGHT,
    from: '[...inFlight, ...pending]',
    to: '[...pending]',
    caughtBy: replayed('leaves its member undecided if no outcome is found'),
  },
  {
    name: 'pending-claims-are-forgotten',
    races: [],
    file: IN_FLIGHT,
    from: '[...inFlight, ...pending]',
    to: '[...inFlight]',
    caughtBy: replayed('leaves its member undecided if it left a claim pending'),
  },
  {
    name: 'undecided-although-its-version-was-found',
    races: [],
    file: IN_FLIGHT,
    from: 'Object.keys(fork.taken).length > 0) return false;',
    to: 'Object.keys(fork.taken).length > 0) return true;',
    caughtBy: replayed('leaves its member undecided if no outcome is found'),
  },
  {
    name: 'time-is-over-and-nothing-is-listed',
    races: [],
    file: 'lambdas/failover/replay/end-undecided.ts',
    from: 'if (memberIds.length > 0) await list(',
    to: 'if (memberIds.length < 0) await list(',
    caughtBy: replayed('is listed when its time is over'),
  },
  {
    name: 'replay-that-slept-writes-on',
    races: [20],
    file: 'lambdas/shards/statements.ts',
    from: `.operation VALUES (?, \${FENCED_OUTCOME}, SYSDATE(6))\``,
    to: '.operation SELECT ?, IF(? + 0 > 0, ?, ?), SYSDATE(6)`',
    caughtBy: replayed('race 20: a replay that slept into another epoch changes nothing'),
  },
  {
    name: 'replay-begins-again-wherever-it-was-killed',
    races: [],
    file: 'lambdas/failover/replay/compare.ts',
    from: "if (state === 'compared' || state === 'unreachable') continue;",
    to: "if (state === 'unreachable') continue;",
    caughtBy: replayed('a replay that is killed anywhere and run again'),
  },
  {
    name: 'other-region-is-not-told-of-the-end',
    races: [],
    file: INVALIDATION,
    from: 'if (flight !== undefined) await this.#other.leave(flight)',
    to: 'if (flight === null) await this.#other.leave(flight)',
    caughtBy: told('the other region knows of an operation from its marks until its fences'),
  },
  {
    name: 'own-region-is-told-instead',
    races: [],
    file: INVALIDATION,
    from: '[...marks, this.#other.enter(flight)]',
    to: '[...marks, this.#local.enter(flight)]',
    caughtBy: told('the other region knows of an operation from its marks until its fences'),
  },
  {
    name: 'telling-costs-a-round-trip',
    races: [],
    file: INVALIDATION,
    from: 'await Promise.allSettled(flight === undefined ? marks : [...marks, this.#other.enter(flight)]);',
    to: 'await Promise.allSettled(marks); if (flight !== undefined) await this.#other.enter(flight);',
    caughtBy: told('telling of an operation costs no round trip'),
  },
];
