import type { PlantedBug } from '../bug';

const MODEL = 'test/unit/failover/holds.model.test.ts';
const RUN = 'test/unit/failover/transition-run.test.ts';
const CACHES = 'test/engine/cache/holds.test.ts';
const LEASES = 'test/engine/shards/heartbeat.test.ts';
const REASONS = 'test/unit/cli/holds.test.ts';
const FUNCTIONS = 'lambdas/cache/holds.ts';
const found = (test: string) => ({ file: CACHES, test });

/** What keeps a lease that people grant from running while another writer is promoted. */
export const HOLD_BUGS: readonly PlantedBug[] = [
  {
    name: 'moved-while-held-by-hand',
    races: [20],
    file: 'lambdas/failover/transition-run.ts',
    from: ' && (await this.#isFreeOfHolds(seen))',
    to: '',
    caughtBy: { file: RUN, test: 'race 20: a writer that may be held by hand is waited for' },
  },
  {
    name: 'hold-believed-gone-where-no-cache-was-told',
    races: [],
    file: 'lambdas/failover/holds.ts',
    from: 'untoldForMs >= UNTOLD_WAIT_MS',
    to: 'untoldForMs >= 0',
    caughtBy: { file: RUN, test: 'where no cache can be told, every hold has ended some seconds later' },
  },
  {
    name: 'held-although-one-cache-says-no',
    races: [22],
    file: 'lambdas/failover/holds.ts',
    from: "REGIONS.every((region) => answers[region] === 'held')",
    to: "REGIONS.some((region) => answers[region] === 'held')",
    caughtBy: { file: MODEL, test: 'no lease that is granted by hand is alive once another writer is promoted' },
  },
  {
    name: 'hold-forgotten-before-its-lease-has-ended',
    races: [20],
    file: FUNCTIONS,
    from: 'export const HOLD_KEPT_MS = 8000;',
    to: 'export const HOLD_KEPT_MS = 4000;',
    caughtBy: { file: MODEL, test: 'no lease that is granted by hand is alive once another writer is promoted' },
  },
  {
    name: 'hold-that-took-long-counted-from-its-end',
    races: [],
    file: 'lambdas/failover/holds.ts',
    from: ' && askedForMs <= HOLD_WITHIN_MS',
    to: ' && askedForMs >= 0',
    caughtBy: { file: REASONS, test: 'all of it took too long' },
  },
  {
    name: 'held-although-it-moves',
    races: [22],
    file: FUNCTIONS,
    from: "> epoch then return 'moving' end",
    to: "> epoch + 100 then return 'moving' end",
    caughtBy: found('race 22: of a hold and a move the second one finds the first'),
  },
  {
    name: 'move-told-of-no-hold',
    races: [22],
    file: FUNCTIONS,
    from: "if redis.call('EXISTS', hold) == 1 then return 'held' end",
    to: '',
    caughtBy: found('race 22: of a hold and a move the second one finds the first'),
  },
  {
    name: 'held-although-a-region-reaches-the-arbiter',
    races: [],
    file: FUNCTIONS,
    from: "if redis.call('EXISTS', seen) == 1 then return 'seen' end",
    to: '',
    caughtBy: found('a unit is held only while both regions say'),
  },
  {
    name: 'held-on-no-confirmation',
    races: [],
    file: FUNCTIONS,
    from: "if redis.call('EXISTS', lost) == 0 then return 'unconfirmed' end",
    to: '',
    caughtBy: found('a unit is held only while both regions say'),
  },
  {
    name: 'lease-by-hand-counted-from-when-it-arrives',
    races: [20],
    file: 'lambdas/shards/leases.ts',
    from: 'GREATEST(lease_until, CAST(? AS DATETIME(6)) + INTERVAL ? MICROSECOND)\n          WHERE',
    to: 'GREATEST(lease_until, CAST(? AS DATETIME(6)), SYSDATE(6) + INTERVAL ? MICROSECOND)\n          WHERE',
    caughtBy: { file: LEASES, test: 'race 20: that slept on its way extends nothing beyond that' },
  },
  {
    name: 'unit-held-that-takes-no-writes-by-will',
    races: [21],
    file: 'lambdas/shards/leases.ts',
    from: ' AND lease.lease_until > SYSDATE(6) - INTERVAL 1 DAY',
    to: '',
    caughtBy: { file: LEASES, test: 'race 21: is of the epoch that the writer has' },
  },
];
