import type { CallFigures, Fault, Second } from './figures';
import type { Executed } from './runbook';
import type { Verdict } from './verdicts';
import type { Acknowledged } from './writes';

/** Something that happened at a moment of the run. */
export interface Mark {
  readonly atS: number;
  /** `fault`: a step; `end`: the last one; `decided`: an epoch or a switch changed; `shown`: a function wrote what is lost. */
  readonly kind: 'fault' | 'end' | 'decided' | 'shown';
  readonly text: string;
}

/** Everything that is told of one drill. Seconds are counted from the first step. */
export interface DrillReport {
  readonly name: string;
  readonly shows: string;
  readonly runbook: string;
  readonly seed: number;
  readonly startedAt: string;
  readonly tookS: number;
  /** How long the fault lasted. */
  readonly lastedS: number;
  readonly marks: readonly Mark[];
  readonly seconds: readonly Second[];
  readonly calls: readonly CallFigures[];
  readonly verdicts: readonly Verdict[];
  readonly totals: Totals;
  /** How long calls took before the fault, on the same machine at the same time. */
  readonly before: { readonly p50Ms: number; readonly p99Ms: number };
  readonly lost: readonly Acknowledged[];
  readonly executed: readonly Executed[];
  /** Why the drill could not be carried through; absent if it was. */
  readonly brokenOff?: string;
}

export interface Totals {
  /** While the fault lasted. */
  readonly calls: number;
  readonly failed: number;
  /** In the whole run, as what follows. */
  readonly acknowledgedWrites: number;
  /** Of these, those that both regions had accepted; the others one alone. */
  readonly acknowledgedByBoth: number;
  readonly answeredReads: number;
  readonly degradedReads: number;
  /** Of acknowledged ones, by either class. */
  readonly lostWrites: number;
  readonly lostOfBoth: number;
}

export function hasPassed({ verdicts, brokenOff }: DrillReport): boolean {
  return brokenOff === undefined && verdicts.every(({ holds }) => holds);
}

/** How many seconds passed until no call failed any more, of any kind; undefined if some failed until the end. */
export function allErrorsEndS({ calls }: DrillReport): number | undefined {
  if (calls.some(({ isOpen }) => isOpen)) return undefined;
  return Math.max(0, ...calls.map(({ errorsEndS }) => errorsEndS));
}

/** The fault on the clock of a report, whose zero is the first step. */
export function fromFault(fault: Fault, ms: number): number {
  return (ms - fault.fromMs) / 1000;
}
