import { ENTRY_RULES, TRAFFIC_CLASSES } from '../../topology';
import { countOf, type Measurement, type Pairs, type ProcessStart, quantile } from './measurement';

/** Of a class in a region, in the seconds that are looked at. */
export interface ClassTraffic {
  readonly class: string;
  readonly region: string;
  readonly requestsPerS: number;
  /** Answers that are 5xx, as a part of all, those before the function among them; undefined without any. */
  readonly failing: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly p999Ms: number | undefined;
  /** Part of the reads that the cache answered. */
  readonly hitRate: number | undefined;
  readonly degradedPerS: number;
}

export interface CallerTraffic {
  readonly caller: string;
  readonly requestsPerS: number;
  /** Answered with anything but success, as a part of all. */
  readonly refused: number;
}

export interface Refusals {
  readonly region: string;
  readonly class: string;
  readonly outcome: string;
  /** Absent where no rule refused, but something was not to be had. */
  readonly rule?: string;
  readonly perS: number;
}

/** What a rule or a switch on trial (`dry-run`) would have done; it has refused nothing. */
export interface Trial {
  readonly region: string;
  readonly class: string;
  readonly rule: string;
  readonly perS: number;
}

export interface TargetLag {
  readonly target: string;
  readonly region: string;
  readonly eventsPerS: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
}

/** Something that a function leaves alone, because it does not answer. */
export interface LeftAlone {
  readonly dependency: string;
  readonly region: string;
  readonly function: string;
  readonly state: string;
  readonly since: string;
}

export interface Traffic {
  readonly classes: readonly ClassTraffic[];
  readonly callers: readonly CallerTraffic[];
  readonly refusals: readonly Refusals[];
  readonly trials: readonly Trial[];
  readonly lag: readonly TargetLag[];
}

/** Outcomes that callers see as 5xx. */
const FAILING: ReadonlySet<string> = new Set(['INTERNAL', 'SHED', 'STOPPED', 'UNAVAILABLE', 'NOT_ACKNOWLEDGED']);

/** What was measured in so many seconds, as operators look at it. */
export function trafficOf(measured: readonly Measurement[], seconds: number): Traffic {
  const of = (metric: string) => measured.filter((one) => one.metric === metric);
  return {
    classes: classesOf([...of('Latency'), ...of('Refusals').filter(isBeforeFunction)], of('DegradedAnswers'), seconds),
    callers: callersOf(of('CallerRequests'), seconds),
    refusals: refusalsOf(of('Refusals'), seconds),
    trials: trialsOf([...of('WouldRefuse'), ...of('GivenUp').filter(isOnTrial)], seconds),
    lag: lagOf(of('SyncLag'), seconds),
  };
}

function isBeforeFunction({ dimensions: { rule } }: Measurement): boolean {
  return ENTRY_RULES.some((name) => name === rule);
}

function isOnTrial({ dimensions: { state } }: Measurement): boolean {
  return state === 'dry-run';
}

/** @param requests those that were measured in their function, and those that never got there */
function classesOf(requests: readonly Measurement[], degraded: readonly Measurement[], seconds: number) {
  const order = (name: string) => (TRAFFIC_CLASSES as readonly string[]).indexOf(name);
  return grouped(requests, (one) => `${one.region} ${one.class}`)
    .map((group): ClassTraffic => {
      const { region, class: name = '' } = group[0];
      const all = pairsOf(group);
      const total = sumOf(group);
      const failed = sumOf(group.filter(({ dimensions }) => FAILING.has(dimensions.outcome ?? '')));
      // A search asks no cache.
      const reads = group.filter(({ dimensions: { source = '' } }) => source === 'cache' || source === 'database');
      const hits = reads.filter(({ dimensions }) => dimensions.source === 'cache');
      return {
        class: name,
        region,
        requestsPerS: total / seconds,
        failing: ratio(failed, total),
        ...percentiles(all),
        p999Ms: quantile(all, 0.999),
        hitRate: ratio(sumOf(hits), sumOf(reads)),
        degradedPerS: sumOf(degraded.filter((one) => one.region === region && one.class === name)) / seconds,
      };
    })
    .sort((one, other) => order(one.class) - order(other.class) || (one.region < other.region ? -1 : 1));
}

function callersOf(counts: readonly Measurement[], seconds: number): CallerTraffic[] {
  return grouped(counts, ({ dimensions }) => dimensions.caller ?? '')
    .map((group) => {
      const total = sumOf(group);
      const fine = sumOf(group.filter(({ dimensions }) => dimensions.outcome === 'ok'));
      return {
        caller: group[0].dimensions.caller ?? '',
        requestsPerS: total / seconds,
        refused: (total - fine) / total,
      };
    })
    .sort((one, other) => other.requestsPerS - one.requestsPerS);
}

function refusalsOf(counts: readonly Measurement[], seconds: number): Refusals[] {
  return grouped(counts, ({ region, class: name, dimensions }) =>
    [region, name, dimensions.outcome, dimensions.rule].join(' '),
  )
    .map((group): Refusals => {
      const { region, class: name = '', dimensions } = group[0];
      const { outcome = '', rule } = dimensions;
      return {
        region,
        class: name,
        outcome,
        ...(rule !== undefined && rule !== 'none' && { rule }),
        perS: sumOf(group) / seconds,
      };
    })
    .sort((one, other) => other.perS - one.perS);
}

function trialsOf(counts: readonly Measurement[], seconds: number): Trial[] {
  return grouped(counts, ({ region, class: name, dimensions }) => [region, name, dimensions.rule].join(' '))
    .map((group): Trial => {
      const { region, class: name = '', dimensions } = group[0];
      return { region, class: name, rule: dimensions.rule ?? '', perS: sumOf(group) / seconds };
    })
    .sort((one, other) => other.perS - one.perS);
}

function lagOf(times: readonly Measurement[], seconds: number): TargetLag[] {
  return grouped(times, (one) => one.function)
    .map((group) => ({
      target: group[0].function,
      region: group[0].region,
      eventsPerS: sumOf(group) / seconds,
      ...percentiles(pairsOf(group)),
    }))
    .sort((one, other) => (one.target < other.target ? -1 : 1));
}

function percentiles(pairs: Pairs) {
  return { p50Ms: quantile(pairs, 0.5), p99Ms: quantile(pairs, 0.99) };
}

function ratio(part: number, all: number): number | undefined {
  return all === 0 ? undefined : part / all;
}

function pairsOf(group: readonly Measurement[]): Pairs {
  return group.flatMap(({ pairs }) => pairs);
}

function sumOf(group: readonly Measurement[]): number {
  return group.reduce((total, one) => total + countOf(one), 0);
}

type Group = readonly [Measurement, ...Measurement[]];

function grouped(measured: readonly Measurement[], keyOf: (one: Measurement) => string): Group[] {
  const groups = new Map<string, [Measurement, ...Measurement[]]>();
  for (const one of measured) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/** What breakers last said, however long ago: one that is open says nothing more until it changes. */
export class Breakers {
  readonly #open = new Map<string, LeftAlone>();

  /** @param measured in the order in which it was written */
  hear(measured: readonly Measurement[]): void {
    for (const { metric, region, function: functionName, dimensions, atMs } of measured) {
      if ((metric as string) !== 'BreakerChanges') continue;
      const { dependency = '', state = '' } = dimensions;
      const key = [region, functionName, dependency].join(' ');
      if (state === 'closed') this.#open.delete(key);
      else
        this.#open.set(key, { dependency, region, function: functionName, state, since: new Date(atMs).toISOString() });
    }
  }

  /** A new process leaves nothing alone yet; the one before it can say nothing any more. */
  begin({ region, functions }: ProcessStart): void {
    for (const [key, one] of this.#open) {
      if (one.region === region && functions.includes(one.function)) this.#open.delete(key);
    }
  }

  get leftAlone(): readonly LeftAlone[] {
    return [...this.#open.values()];
  }
}
