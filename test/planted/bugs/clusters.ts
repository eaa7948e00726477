import type { PlantedBug } from '../bug';

const MOVES = 'test/engine/clusters/moves.test.ts';
const DECISIONS = 'test/unit/local-clusters/decisions.test.ts';

/** What moves the writer of a cluster on one machine, without losing what is not lost. */
export const CLUSTER_BUGS: readonly PlantedBug[] = [
  {
    name: 'promoted-before-applied',
    races: [],
    file: 'local/clusters/moves.ts',
    from: `old: Member): Promise<Outcome | undefined> {
    if (await target.database.appliesUntil(position, WAIT_S)) return done(position);`,
    to: `old: Member): Promise<Outcome | undefined> {
    if (await target.database.appliesUntil('', WAIT_S)) return done(position);`,
    caughtBy: { file: MOVES, test: 'an unplanned failover keeps everything that had been received' },
  },
  {
    name: 'position-read-while-written',
    races: [],
    file: 'local/clusters/moves.ts',
    from: `        await old.database.refuseWrites();
        return done(`,
    to: '        return done(',
    caughtBy: { file: MOVES, test: 'a planned switchover under writes loses none of them' },
  },
  {
    name: 'tail-of-a-returned-writer-not-noticed',
    races: [],
    file: 'local/clusters/decisions.ts',
    from: 'return isWithin(position, shared) && !isRefused',
    to: 'return !isRefused',
    caughtBy: { file: DECISIONS, test: 'the data of one that' },
  },
  {
    name: 'returned-writer-answers-callers',
    races: [],
    file: 'local/clusters/decisions.ts',
    from: "return region === writer || standing.kind === 'following';",
    to: 'return true;',
    caughtBy: { file: DECISIONS, test: 'the writer changes with the promotion, and the old one is trusted no more' },
  },
  {
    name: 'kept-data-replaced-by-a-clone',
    races: [],
    file: 'local/clusters/snapshots.ts',
    from: 'if (existsSync(kept)) return;',
    to: '',
    caughtBy: { file: 'test/unit/local-clusters/api.test.ts', test: 'what was kept aside is listed' },
  },
  {
    name: 'move-begun-twice',
    races: [],
    file: 'lambdas/failover/clusters.ts',
    from: 'if (leadsTo(before, to)) return;',
    to: '',
    caughtBy: { file: 'test/unit/local-clusters/api.test.ts', test: 'a move to where the writer is changes nothing' },
  },
  {
    name: 'start-fails-while-a-unit-is-moved',
    races: [],
    file: 'lambdas/handlers/provision-units.ts',
    from: 'if (transition === undefined) throw error;',
    to: 'throw error;',
    caughtBy: {
      file: 'test/unit/handlers/provision-units.test.ts',
      test: 'a unit that is being moved, and takes nothing, keeps no other from what it needs',
    },
  },
];
