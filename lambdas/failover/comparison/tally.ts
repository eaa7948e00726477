import type { Difference } from './differences';

/** What a comparison has counted so far. */
export interface Tally {
  /** Rows that were compared, most of them by sums. */
  readonly compared: number;
  /** Documents that were written from rows. */
  readonly written: number;
  /** Documents that the domain would not take. */
  readonly refused: number;
  /** Differences that the rows did not decide, and that were settled all the same. */
  readonly settled: number;
  /** Differences that were confirmed, by kind. */
  readonly found: Readonly<Record<Difference['kind'], number>>;
}

export const NOTHING_YET: Tally = {
  compared: 0,
  written: 0,
  refused: 0,
  settled: 0,
  found: { missing: 0, lower: 0, altered: 0, misled: 0, ahead: 0, forked: 0, unknown: 0 },
};

export function plus(tally: Tally, added: Partial<Omit<Tally, 'found'>>, found: readonly Difference[] = []): Tally {
  const counted: Record<Difference['kind'], number> = { ...tally.found };
  for (const { kind } of found) counted[kind] += 1;
  return {
    compared: tally.compared + (added.compared ?? 0),
    written: tally.written + (added.written ?? 0),
    refused: tally.refused + (added.refused ?? 0),
    settled: tally.settled + (added.settled ?? 0),
    found: counted,
  };
}

/** Differences that were found and stay. */
export function leftIn(tally: Tally): number {
  return differencesIn(tally) - tally.written - tally.settled;
}

export function differencesIn({ found }: Tally): number {
  return Object.values(found).reduce((sum, count) => sum + count, 0);
}
