import type { Operation, TrafficClass } from '../../../topology';

/** Calls of one kind, as they came: also those that a limit refused. */
export interface CallCount {
  readonly caller: string;
  readonly operation: Operation;
  readonly calls: number;
}

/** What one environment tells about its calls since it last did. */
export interface CallReport {
  /** Drawn by the environment, and told to nobody else. */
  readonly environment: string;
  readonly trafficClass: TrafficClass;
  /** How long ago the calls came: an environment may have been frozen meanwhile. */
  readonly ageMs: number;
  readonly counts: readonly CallCount[];
}

/** How many environments have told of calls lately, in this region. */
export interface EnvironmentCensus {
  readonly ofClass: number;
  readonly ofAll: number;
}

/** Calls of one second, by a store's clock. */
export interface SecondOfCalls {
  readonly second: number;
  readonly calls: readonly RecentCount[];
}

export interface RecentCount extends Omit<CallCount, 'operation'> {
  readonly trafficClass: TrafficClass;
  /** Undefined where there were too many kinds to tell apart. */
  readonly operation: Operation | undefined;
}

/** Calls of one day of UTC, counted since 1970. */
export interface DayOfCalls {
  readonly day: number;
  readonly calls: readonly RecentCount[];
}

/** Where calls are counted, by the second, for some minutes. */
export interface CallStore {
  /** In the own region. @throws when its store does not answer */
  report(report: CallReport): Promise<EnvironmentCensus>;
}

/** A counter that whoever counts keeps at hand. */
export interface CallCounter {
  calls: number;
}

/** Most kinds that are told apart; all others are counted together. */
const MOST_KINDS = 2000;
const OTHERS = '*';

/** Counts calls for the next report. */
export class RecentCalls {
  readonly #counters = new Map<string, CallCounter & Omit<CallCount, 'calls'>>();

  counterOf(caller: string, operation: Operation): CallCounter {
    const name = this.#counters.size < MOST_KINDS ? caller : OTHERS;
    const key = `${caller} ${operation}`;
    const known = this.#counters.get(key) ?? this.#counters.get(`${name} ${operation}`);
    if (known !== undefined) return known;
    const counter = { caller: name, operation, calls: 0 };
    this.#counters.set(`${name} ${operation}`, counter);
    return counter;
  }

  /** What was counted since it was last asked. */
  drain(): CallCount[] {
    const counts: CallCount[] = [];
    for (const counter of this.#counters.values()) {
      if (counter.calls === 0) continue;
      counts.push({ caller: counter.caller, operation: counter.operation, calls: counter.calls });
      counter.calls = 0;
    }
    return counts;
  }
}
