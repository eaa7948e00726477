import { ratiosOf, type Spread, spreadOf } from '../statistics';

/** What one round cost. */
export interface Round {
  readonly operations: number;
  readonly cpuUsEach: number;
  readonly perS: number;
  /** Operations that came to something else than what was to be measured. */
  readonly strays: number;
}

export interface RoundLimits {
  readonly inFlight: number;
  readonly durationMs: number;
  readonly mostOperations: number;
}

/** Begins an operation; its number tells it from the others. What it resolves to is looked at by `check`. */
export interface Contestant {
  readonly operation: (index: number) => Promise<unknown>;
  /** Whether that is what was to be measured. */
  readonly check?: (outcome: unknown) => boolean;
  /** Not timed. */
  readonly beforeRound?: () => Promise<void>;
}

/**
 * Keeps a number of operations under way until time or operations are up, and counts the CPU time of the whole
 * process: client libraries work in callbacks that belong to nobody.
 */
export async function runRound(contestant: Contestant, first: number, limits: RoundLimits): Promise<Round> {
  const { operation, check } = contestant;
  const last = first + limits.mostOperations;
  let next = first;
  let strays = 0;
  const startMs = performance.now();
  const endMs = startMs + limits.durationMs;
  const cpuBefore = process.cpuUsage();
  const lane = async () => {
    while (next < last && performance.now() < endMs) {
      const outcome = await operation(next++);
      if (check?.(outcome) === false) strays += 1;
    }
  };
  await Promise.all(Array.from({ length: limits.inFlight }, lane));
  const { user, system } = process.cpuUsage(cpuBefore);
  const elapsedMs = performance.now() - startMs;
  const operations = next - first;
  return { operations, cpuUsEach: (user + system) / operations, perS: (operations / elapsedMs) * 1000, strays };
}

export interface Series {
  readonly cpuUsEach: Spread;
  readonly perS: Spread;
}

export interface Comparison {
  readonly ours: Series;
  readonly bare: Series;
  /** Of ours to the other's in the same pair of rounds. */
  readonly cpuRatio: Spread;
  readonly rateRatio: Spread;
  /** Share of ours that was answered by another path, or not well. */
  readonly strayShare: number;
}

export interface PairSettings extends RoundLimits {
  readonly pairs: number;
  /** Of each contestant before the rounds that count, as far as there is time. */
  readonly warmOperations: number;
  readonly onPair?: (done: number) => void;
}

/** Rounds by turns, each pair beginning with the other one, so that neither always comes first. */
export async function compare(ours: Contestant, bare: Contestant, settings: PairSettings): Promise<Comparison> {
  const runOurs = repeatable(ours, settings);
  const runBare = repeatable(bare, settings);
  for (const run of [runOurs, runBare]) await warm(run, settings.warmOperations);
  const rounds: { ours: Round; bare: Round }[] = [];
  for (let pair = 0; pair < settings.pairs; pair += 1) {
    if (pair % 2 === 0) {
      const first = await runOurs();
      rounds.push({ ours: first, bare: await runBare() });
    } else {
      const first = await runBare();
      rounds.push({ ours: await runOurs(), bare: first });
    }
    settings.onPair?.(pair + 1);
  }
  const pick = (side: 'ours' | 'bare', figure: 'cpuUsEach' | 'perS') => rounds.map((round) => round[side][figure]);
  const series = (side: 'ours' | 'bare'): Series => ({
    cpuUsEach: spreadOf(pick(side, 'cpuUsEach')),
    perS: spreadOf(pick(side, 'perS')),
  });
  const sum = (figure: 'strays' | 'operations') => rounds.reduce((total, round) => total + round.ours[figure], 0);
  return {
    ours: series('ours'),
    bare: series('bare'),
    cpuRatio: spreadOf(ratiosOf(pick('ours', 'cpuUsEach'), pick('bare', 'cpuUsEach'))),
    rateRatio: spreadOf(ratiosOf(pick('ours', 'perS'), pick('bare', 'perS'))),
    strayShare: sum('strays') / sum('operations'),
  };
}

/** By then the compiler is done with a path, as profiles show. */
export const WARM_OPERATIONS = 6000;
const LEAST_WARM_ROUNDS = 2;
const MOST_WARM_MS = 5000;

/** What is compiled and pooled by then is what is measured. */
async function warm(run: () => Promise<Round>, operations: number): Promise<void> {
  const startMs = performance.now();
  for (let done = 0, rounds = 0; rounds < LEAST_WARM_ROUNDS || done < operations; rounds += 1) {
    done += (await run()).operations;
    if (performance.now() - startMs > MOST_WARM_MS) return;
  }
}

/** Numbers go on from round to round. */
function repeatable(contestant: Contestant, limits: RoundLimits): () => Promise<Round> {
  let next = 0;
  return async () => {
    await contestant.beforeRound?.();
    const round = await runRound(contestant, next, limits);
    next += round.operations;
    return round;
  };
}

const WARM_UP_AT_ONCE = 16;

/** Does each of some operations once, so that what they need is cached and connected. */
export async function warmUp(count: number, operation: Contestant['operation']): Promise<void> {
  for (let from = 0; from < count; from += WARM_UP_AT_ONCE) {
    await Promise.all(Array.from({ length: WARM_UP_AT_ONCE }, (_, index) => operation(from + index)));
  }
}
