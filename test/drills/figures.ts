import type { Region } from '../../topology';
import { CALLS, type CallName } from '../support/load';
import type { Scope } from './drill';
import type { Sample } from './recorder';

/** From the first step of a drill to the end of its last, on the clock of its samples. */
export interface Fault {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What became of one kind of call in one region while the fault lasted. */
export interface CallFigures {
  readonly call: CallName;
  readonly region: Region;
  readonly calls: number;
  readonly failed: number;
  /** When the last call ended that failed, after the first step; 0 if none did. */
  readonly errorsEndS: number;
  /** Whether calls failed until the fault was over. */
  readonly isOpen: boolean;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One second of the load. */
export interface Second {
  readonly atS: number;
  readonly calls: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Reads by who served them. */
  readonly served: Readonly<Record<Server, number>>;
  readonly writes: number;
  readonly degraded: number;
}

export const SERVERS = ['cache', 'writer', 'replica', 'search'] as const;
export type Server = (typeof SERVERS)[number];

/** An open end: calls that failed so shortly before the fault was over. */
const OPEN_MS = 2000;
const MS_PER_S = 1000;

export function isIn(scope: Scope, { call, region, unit }: Sample): boolean {
  const { calls, regions, units } = scope;
  if (calls !== undefined && !(calls as readonly string[]).includes(call)) return false;
  if (regions !== undefined && !regions.includes(region)) return false;
  return units === undefined || (unit !== undefined && units.includes(unit));
}

/** Calls that a fault can have met: under way when it struck, or begun before it was over. */
export function during(samples: readonly Sample[], { fromMs, toMs }: Fault): Sample[] {
  return samples.filter(({ startedMs, endedMs }) => endedMs > fromMs && startedMs < toMs);
}

/** Milliseconds of which `share` of the values are not above; 0 where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Seconds from the first step until the last failing call had ended; 0 if none failed. */
export function errorsEndS(samples: readonly Sample[], fault: Fault): number {
  const failing = samples.filter(({ failure }) => failure !== undefined);
  return Math.max(0, ...failing.map(({ endedMs }) => endedMs - fault.fromMs)) / MS_PER_S;
}

/** From the beginning of the first call that failed to the end of the last one; 0 where none did. */
export function errorsLastS(samples: readonly Sample[]): number {
  const failing = samples.filter(({ failure }) => failure !== undefined);
  if (failing.length === 0) return 0;
  const [first, last] = [failing.map(({ startedMs }) => startedMs), failing.map(({ endedMs }) => endedMs)];
  return (Math.max(...last) - Math.min(...first)) / MS_PER_S;
}

export function latencyMs({ startedMs, endedMs }: Sample): number {
  return endedMs - startedMs;
}

/** One line for each kind of call and region that was called. */
export function callFigures(samples: readonly Sample[], fault: Fault, regions: readonly Region[]): CallFigures[] {
  const met = during(samples, fault);
  return CALLS.flatMap((call) =>
    regions.flatMap((region) => {
      const own = met.filter((sample) => sample.call === call && sample.region === region);
      if (own.length === 0) return [];
      const failing = own.filter(({ failure }) => failure !== undefined);
      const latencies = own.map(latencyMs);
      return {
        call,
        region,
        calls: own.length,
        failed: failing.length,
        errorsEndS: errorsEndS(own, fault),
        isOpen: failing.some(({ startedMs }) => startedMs > fault.toMs - OPEN_MS),
        p50Ms: quantile(latencies, 0.5),
        p99Ms: quantile(latencies, 0.99),
      };
    }),
  );
}

/** Who served a read, by its header `Source`. */
export function serverOf(source: string | undefined): Server | undefined {
  if (source === undefined) return undefined;
  if (source.startsWith('database')) return source.endsWith('role=replica') ? 'replica' : 'writer';
  return SERVERS.find((server) => source.startsWith(server));
}

/** The load, second by second; a call counts in the second in which it ended. */
export function secondsOf(samples: readonly Sample[], fromS: number, toS: number): Second[] {
  const byEnd = new Map<number, Sample[]>();
  for (const sample of samples) {
    const atS = Math.floor(sample.endedMs / MS_PER_S);
    const of = byEnd.get(atS);
    if (of === undefined) byEnd.set(atS, [sample]);
    else of.push(sample);
  }
  return Array.from({ length: Math.max(0, toS - fromS) }, (_, index) => {
    const atS = fromS + index;
    return secondOf(atS, byEnd.get(atS) ?? []);
  });
}

function secondOf(atS: number, samples: readonly Sample[]): Second {
  const failures: Record<string, number> = {};
  const served = { cache: 0, writer: 0, replica: 0, search: 0 };
  for (const { failure, source, isWrite } of samples) {
    if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1;
    const server = serverOf(source);
    if (server !== undefined && !isWrite) served[server] += 1;
  }
  const latencies = samples.map(latencyMs);
  return {
    atS,
    calls: samples.length,
    failures,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    served,
    writes: samples.filter(({ isWrite, isDone }) => isWrite && isDone).length,
    degraded: samples.filter(({ degraded }) => degraded !== undefined).length,
  };
}

export function failuresIn({ failures }: Second): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}
