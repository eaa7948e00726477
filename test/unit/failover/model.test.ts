import fc from 'fast-check';
import type { Without } from './model/arbiter';
import { plans, run, violations } from './model/plan';

const RUNS = Number(process.env.TWINKEEP_MODEL_RUNS ?? 60);
/** Seconds, on a machine that has nothing else to do. */
const TIMEOUT_MS = 600_000;

test(
  'no two regions commit under one history, and what is acknowledged under an epoch is committed before the next promotion',
  async () => {
    const reached = { home: 0, promotions: 0, acknowledged: 0, open: 0 };
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const ran = await run(plan);
        expect(violations(ran)).toEqual([]);
        // What RDS had moved while leases of an hour were granted waits for one.
        expect(ran.isHome || ran.waitsForLong).toBe(true);
        expect(ran.isHome ? ran.atTheEnd : 1).toBeGreaterThan(0);
        reached.home += Number(ran.isHome);
        reached.promotions += ran.promotions;
        reached.acknowledged += ran.commits.filter(({ acknowledgedUnder }) => acknowledgedUnder !== undefined).length;
        reached.open += ran.commits.filter(({ acknowledgedUnder }) => acknowledgedUnder === undefined).length;
      }),
      { numRuns: RUNS },
    );
    // A model in which nothing happens would show nothing.
    expect(reached.home).toBeGreaterThan(RUNS * 0.8);
    expect(reached.promotions).toBeGreaterThan(RUNS / 10);
    expect(reached.acknowledged).toBeGreaterThan(RUNS * 20);
    expect(reached.open).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

/** Each with a seed under which it is found soon; another one takes longer. */
const PROTECTIONS: readonly (readonly [Without, number])[] = [
  ['fence', 5],
  ['lease', 5],
  ['renewal condition', 23],
  ['wait', 2],
  ['conditional write', 21],
];

test.each(PROTECTIONS)(
  'the model finds what goes wrong without: %s',
  async (without, seed) => {
    const property = fc.asyncProperty(plans, async (plan) => {
      const [found] = violations(await run(plan, without));
      if (found !== undefined) throw new Error(found);
    });
    const { failed, numRuns, errorInstance } = await fc.check(property, { seed, numRuns: 600, endOnFailure: true });
    console.info(`without ${without}: seed ${seed}, run ${numRuns}: ${(errorInstance as Error | null)?.message}`);
    expect(failed).toBe(true);
  },
  TIMEOUT_MS,
);
