import type { Comparison } from './handler/rounds';
import type { Trips } from './handler/trips';
import type { OpenLoopFigures } from './load/open-loop';
import type { Machine, Revision } from './machine';
import type { ClassFigures, StormFigures } from './overload/storm';
import type { Spread } from './statistics';
import type { Replayed } from './zipf';

/** What the handler's level of one path said. */
export interface HandlerFigures {
  readonly comparison: Comparison;
  readonly trips: Trips;
  readonly bareTrips: Trips;
}

export interface ServiceFigures {
  readonly perS: Spread;
  /** CPU time of the service's own process for each request. */
  readonly cpuUsEach: Spread;
  /** CPU time for each request, by process, without what it uses when nobody asks for anything. */
  readonly partsUsEach: Readonly<Record<string, number>>;
  readonly failureShare: number;
  readonly generatorShare: number;
}

/** What one path said over HTTP. */
export interface WholeFigures {
  readonly ours: ServiceFigures;
  readonly baseline: ServiceFigures;
  readonly fixed?: ServiceFigures;
  readonly rateRatio: Spread;
  readonly cpuRatio: Spread;
  readonly open: { readonly ours: OpenLoopFigures; readonly baseline: OpenLoopFigures };
}

export interface RequestFigures {
  readonly handler: HandlerFigures;
  readonly whole?: WholeFigures;
}

export interface SearchableFigures {
  /** From the answer of a write to the answer of the first search that knows it, by class. */
  readonly latenciesMs: Readonly<Record<'order' | 'other', readonly number[]>>;
  readonly missing: number;
}

export interface ReplayFigures {
  readonly exponent: number;
  readonly members: number;
  readonly replays: readonly {
    readonly writeShare: number;
    readonly ours: Replayed;
    /** Of a cache that forgets nothing but what is written. */
    readonly best: Replayed;
  }[];
}

export interface GuardsFigures {
  readonly usEach: Spread;
  readonly cachedReadUsEach: Spread;
  readonly share: Spread;
}

export interface LimitsFigures {
  readonly ratePerS: number;
  readonly burst: number;
  readonly offeredPerS: number;
  readonly seconds: number;
  /** Calls that passed in this time, and those that failed by something else than the limit. */
  readonly algorithms: readonly { readonly name: string; readonly passed: number; readonly otherwise: number }[];
}

export interface StartUpFigures {
  readonly functions: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly cpuMs: Spread;
    readonly wallMs: Spread;
  }[];
}

export interface ImportFigures {
  readonly members: number;
  readonly perS: number;
}

export interface PropagationFigures {
  /** Functions that were asked after each turn. */
  readonly functions: number;
  readonly regions: number;
  /** From the put of a parameter in the other region until a function goes by it. */
  readonly latenciesMs: readonly number[];
}

export interface ReIndexFigures {
  readonly members: number;
  /** Undefined where it took no longer than a command takes to start: then there were too few to tell. */
  readonly writtenPerS: number | undefined;
  readonly comparedPerS: number | undefined;
  /** The same documents by the engine's own bulk calls. */
  readonly barePerS: number;
}

export interface Storm {
  /** Times the capacity that was offered in all. */
  readonly times: number;
  readonly seconds: number;
  readonly classes: StormFigures;
}

/** What one service did while more was asked than it can answer. */
export interface ServiceUnderStorm {
  /** Requests a second that it answers to a fixed number of clients. */
  readonly capacityPerS: number;
  readonly storms: readonly Storm[];
}

export interface OverloadFigures {
  readonly ours: ServiceUnderStorm;
  readonly baseline: ServiceUnderStorm;
  /** Class order at a constant rate, by turns beside marketing at its own rate and at ten times that. */
  readonly beside: { readonly calm: readonly ClassFigures[]; readonly stormy: readonly ClassFigures[] };
}

export interface Results {
  readonly machine: Machine;
  readonly revision: Revision;
  readonly startedAt: string;
  readonly elapsedS: number;
  readonly budgetMinutes: number;
  /** Cores that others kept busy, on average, while each path was measured. */
  readonly foreignCores: Readonly<Record<string, number>>;
  readonly requests: Readonly<Record<string, RequestFigures>>;
  readonly searchable?: SearchableFigures;
  readonly replay?: ReplayFigures;
  readonly guards?: GuardsFigures;
  readonly limits?: LimitsFigures;
  readonly startUp?: StartUpFigures;
  readonly import?: ImportFigures;
  readonly overload?: OverloadFigures;
  readonly propagation?: PropagationFigures;
  readonly reIndex?: ReIndexFigures;
  /** What could not be measured, and why. */
  readonly failures: Readonly<Record<string, string>>;
}
