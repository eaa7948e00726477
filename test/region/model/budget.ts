import fc from 'fast-check';

/** How long a suite of this folder may look for something wrong; `npm test` gives each a few seconds. */
export function budgetMs(shortMs: number): number {
  const minutes = Number(process.env.TWINKEEP_TEST_MINUTES ?? 0);
  return minutes > 0 ? (minutes * 60_000) / 2 : shortMs;
}

/** Beyond the budget: starting, converging, and shrinking a counterexample. */
export const ALLOWANCE_MS = 300_000;
const SHRINKING_MS = 120_000;

/** A whole number of 32 bits, as fast-check prints it: the same runs begin again with it. */
function firstSeed(): number {
  const given = process.env.TWINKEEP_TEST_SEED;
  return given === undefined ? (Date.now() ^ (process.pid << 16)) | 0 : Number(given) | 0;
}

/**
 * Tries runs, each under a seed of its own, until the budget is spent. A failure prints its seed: with it as
 * `TWINKEEP_TEST_SEED` the run that failed comes first.
 *
 * @param shrinks whether a smaller run would fail in the same way
 */
export async function tryRuns<T>(
  property: fc.IAsyncProperty<T>,
  { forMs, shrinks }: { forMs: number; shrinks: boolean },
): Promise<number> {
  const endsAtMs = performance.now() + forMs;
  const first = firstSeed();
  let runs = 0;
  do {
    await fc.assert(property, {
      seed: (first + runs) | 0,
      numRuns: 1,
      endOnFailure: !shrinks,
      interruptAfterTimeLimit: SHRINKING_MS,
    });
    runs += 1;
  } while (performance.now() < endsAtMs);
  return runs;
}
