/** How much is measured. More rounds make ratios steadier; they do not change what is measured. */
export interface Pace {
  /** Rounds of each contestant at the handler's level, one of ours beside one of the other's. */
  readonly handlerPairs: number;
  readonly handlerRoundMs: number;
  /** Rounds of each service over HTTP. */
  readonly wholeRounds: number;
  readonly wholeRoundS: number;
  readonly openLoopS: number;
  readonly searchableWrites: number;
  readonly replayReads: number;
  /** Members that the paths read and write. */
  readonly members: number;
  readonly startUps: number;
  readonly switchTurns: number;
  /** Of each storm. */
  readonly stormS: number;
}

export const FULL_MINUTES = 20;
export const QUICK_MINUTES = 6;

const FULL: Pace = {
  handlerPairs: 9,
  handlerRoundMs: 700,
  wholeRounds: 4,
  wholeRoundS: 2,
  openLoopS: 8,
  searchableWrites: 160,
  replayReads: 60_000,
  members: 1000,
  startUps: 7,
  switchTurns: 40,
  stormS: 12,
};

const LEAST: Pace = {
  handlerPairs: 3,
  handlerRoundMs: 300,
  wholeRounds: 2,
  wholeRoundS: 1,
  openLoopS: 2,
  searchableWrites: 40,
  replayReads: 15_000,
  members: 500,
  startUps: 2,
  switchTurns: 12,
  stormS: 5,
};

/** What fits into a budget; never so little that a figure would say nothing. */
export function paceOf(budgetMinutes: number): Pace {
  const share = Math.min(1, budgetMinutes / FULL_MINUTES);
  const entries = Object.entries(FULL).map(([name, full]) => {
    const least = LEAST[name as keyof Pace];
    return [name, Math.max(least, Math.round(full * share))];
  });
  return Object.fromEntries(entries);
}
