import { OPERATIONS, type Operation, TRAFFIC_CLASSES } from '../../topology';
import type { CallReport, DayOfCalls, EnvironmentCensus, SecondOfCalls } from '../traffic';

export const CALLS_KEY = '{calls}';
const CALLS_KEYS = [CALLS_KEY, ...TRAFFIC_CLASSES.map((name) => `${CALLS_KEY}:environments:${name}`)];
const MS_PER_S = 1000;

/** Keys and arguments of the function, in its order. Names of callers have no spaces. */
export function reportArguments({ environment, trafficClass, ageMs, counts }: CallReport): (string | number)[] {
  const kinds = counts.flatMap(({ caller, operation, calls }) => [`${trafficClass} ${operation} ${caller}`, calls]);
  return [...CALLS_KEYS, environment, trafficClass, Math.floor(ageMs / MS_PER_S), ...kinds];
}

export function censusOf(report: CallReport, present: readonly number[]): EnvironmentCensus {
  const ofClass = present[TRAFFIC_CLASSES.indexOf(report.trafficClass)] ?? 0;
  return { ofClass, ofAll: present.reduce((sum, one) => sum + one, 0) };
}

export function recentArguments(durationMs: number): (string | number)[] {
  return [CALLS_KEY, Math.ceil(durationMs / MS_PER_S)];
}

export function daysOf(found: readonly (number | string[])[]): DayOfCalls[] {
  return secondsOf(found).map(({ second: day, calls }) => ({ day, calls }));
}

export function secondsOf(found: readonly (number | string[])[]): SecondOfCalls[] {
  const seconds: SecondOfCalls[] = [];
  for (let at = 0; at + 1 < found.length; at += 2) {
    const kinds = found[at + 1] as string[];
    const calls = [];
    for (let kind = 0; kind + 1 < kinds.length; kind += 2) {
      const [className, operation, caller = ''] = (kinds[kind] ?? '').split(' ');
      const trafficClass = TRAFFIC_CLASSES.find((name) => name === className);
      if (trafficClass === undefined) continue;
      calls.push({ caller, trafficClass, operation: operationNamed(operation), calls: Number(kinds[kind + 1]) });
    }
    seconds.push({ second: Number(found[at]), calls });
  }
  return seconds;
}

/** Undefined: of any operation, counted together because there were too many kinds. */
function operationNamed(name: string | undefined): Operation | undefined {
  return OPERATIONS.find((operation) => operation === name);
}
