import type { PlantedBug } from '../bug';

const RUN = 'test/unit/failover/transition-run.test.ts';
const READMISSION = 'test/unit/failover/readmission-run.test.ts';
const RELEASES = 'test/unit/failover/releases.test.ts';

/** What keeps those who slept, whose clocks are ahead, or who are of another release, from deciding by what is not so any more. */
export const DELAY_BUGS: readonly PlantedBug[] = [
  {
    name: 'writer-given-up-by-an-old-look',
    races: [],
    file: 'lambdas/failover/request.ts',
    from: 'Math.abs(clock.nowMs() - lookedAtMs) > SEEN_WITHIN_MS',
    to: 'lookedAtMs > Number.MAX_SAFE_INTEGER',
    caughtBy: { file: RUN, test: 'whoever slept when it had looked at a writer' },
  },
  {
    name: 'alternating-reasons-told-at-every-look',
    races: [],
    file: 'lambdas/failover/transition-run.ts',
    from: 'this.#heldUpBy.add(told);',
    to: 'this.#heldUpBy.clear();\n    this.#heldUpBy.add(told);',
    caughtBy: { file: RUN, test: 'told once for each reason' },
  },
  {
    name: 'unit-recorded-where-it-was',
    races: [21],
    file: 'lambdas/switches/keeper.ts',
    from: 'if (transition !== undefined || hashOf(text)',
    to: 'if (hashOf(text)',
    caughtBy: { file: 'test/unit/switches/orders.test.ts', test: 'is recorded as it stands by then' },
  },
  {
    name: 'failure-to-publish-left-to-nobody',
    races: [],
    file: 'lambdas/handlers/announce.ts',
    from: 'await Promise.allSettled([publish(), transition === undefined ? record(unit) : undefined]);',
    to: 'await (async (begun) => [transition === undefined && (await record(unit)), ...(await Promise.allSettled([begun]))].slice(1))(publish());',
    caughtBy: { file: 'test/unit/handlers/announce.test.ts', test: 'a snapshot that cannot be laid out is handled' },
  },
  {
    name: 'announced-by-a-clock-ahead-believed',
    races: [45],
    file: 'lambdas/switches/acceptance.ts',
    from: 'Math.abs(nowMs - intent.announcedAtMs) < ARRIVES_WITHIN_MS',
    to: 'nowMs - intent.announcedAtMs < ARRIVES_WITHIN_MS',
    caughtBy: { file: 'test/unit/switches/late-copies.test.ts', test: 'announced by a clock an hour ahead' },
  },
  {
    name: 'domain-held-by-a-clock-ahead',
    races: [],
    file: 'lambdas/failover/readmission/record.ts',
    from: 'return leftMs > 0 && leftMs <= 2 * HELD_FOR_MS;',
    to: 'return leftMs > 0;',
    caughtBy: { file: READMISSION, test: 'is not, where his clock was an hour ahead' },
  },
  {
    name: 'refused-list-tried-without-a-pause',
    races: [],
    file: 'lambdas/failover/readmission/run.ts',
    from: `      await this.#wait(LOOK_EVERY_MS);
      return state;`,
    to: '      return state;',
    caughtBy: { file: READMISSION, test: 'a list that may not be turned back' },
  },
  {
    name: 'earlier-release-blinds-controllers',
    races: [],
    file: 'lambdas/failover/controller/reports.ts',
    from: 'z._default(z.boolean(), false)',
    to: 'z.boolean()',
    caughtBy: { file: RELEASES, test: 'a report of an earlier release' },
  },
  {
    name: 'loss-forgotten-with-a-release',
    races: [],
    file: 'lambdas/failover/controller/controller.ts',
    from: 'lostAtMs: notes?.memory.lostAtMs ?? {}',
    to: 'lostAtMs: {}',
    caughtBy: { file: RELEASES, test: 'that a region was lost is remembered' },
  },
  {
    name: 'kept-data-on-a-later-page-overlooked',
    races: [],
    file: 'lambdas/failover/clusters.ts',
    from: 'Marker = answer.Marker;',
    to: 'Marker = undefined;',
    caughtBy: { file: 'test/unit/local-clusters/api.test.ts', test: 'on whatever page of the snapshots' },
  },
  {
    name: 'look-up-fenced-by-a-version',
    races: [],
    file: 'lambdas/failover/census/judge.ts',
    from: "return kind === 'misled' ? cached + 1 : row;",
    to: "return kind === 'older' ? cached + 1 : row;",
    caughtBy: { file: 'test/unit/failover/census.test.ts', test: 'a look-up that misled' },
  },
  {
    name: 'plan-forgotten-with-a-lost-answer',
    races: [],
    file: 'lambdas/arbiter/observations.ts',
    from: 'return outcome.present?.by?.S === by;',
    to: 'return false;',
    caughtBy: { file: 'test/unit/arbiter/observations.test.ts', test: 'a memory whose first attempt went through' },
  },
  {
    name: 'late-turn-of-a-controller-carried-out',
    races: [24],
    file: 'lambdas/switches/keeper.ts',
    from: 'if (onlyIf !== undefined && hashOf(',
    to: 'if (onlyIf === null && hashOf(',
    caughtBy: { file: 'test/unit/switches/orders.test.ts', test: 'only while failover/auto is on at that very step' },
  },
];
