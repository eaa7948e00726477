import { classPrefix, TRAFFIC_CLASSES, type TrafficClass } from '../../topology';
import type { BenchMember } from '../job';
import { type OpenLoopFigures, openLoop } from '../load/open-loop';
import type { Random } from '../zipf';
import { Mix } from './mix';

/** Requests a second of each class. */
export type Rates = Readonly<Record<TrafficClass, number>>;

export interface StormTarget {
  readonly url: string;
  readonly apiKeys: Readonly<Record<TrafficClass, string>>;
  /** A service without classes takes all of them under this prefix. */
  readonly onePrefix?: string;
  readonly readsAlone?: boolean;
}

/** What one class saw. */
export interface ClassFigures {
  readonly offered: number;
  /** Answered well, and in time. */
  readonly good: number;
  readonly failedStatuses: Readonly<Record<string, number>>;
  /** Latencies of what was answered well, encoded. */
  readonly served: string;
  /** Milliseconds by which requests of the 99th percentile were sent late: the load's own fault. */
  readonly lateP99Ms: number;
}

export type StormFigures = Readonly<Partial<Record<TrafficClass, ClassFigures>>>;

/** So many that a client's connections never hold a request back: that would be a closed loop again. */
const CONNECTIONS = 600;

/** What all requests of a storm are made of. */
export interface StormSource {
  readonly members: readonly BenchMember[];
  readonly random: Random;
}

/** All classes at once, each at its constant rate, whether or not it is answered. */
export async function storm(
  target: StormTarget,
  { rates, seconds, members, random }: StormSource & { readonly rates: Rates; readonly seconds: number },
): Promise<StormFigures> {
  const classes = TRAFFIC_CLASSES.filter((name) => rates[name] > 0);
  const figures = await Promise.all(
    classes.map(async (name) => {
      const loop = { url: target.url, perS: rates[name], seconds, connections: CONNECTIONS };
      return [name, figuresOf(await openLoop(mixOf(name, target, members, random), loop))] as const;
    }),
  );
  return Object.fromEntries(figures);
}

export function mixOf(name: TrafficClass, target: StormTarget, members: readonly BenchMember[], random: Random): Mix {
  const prefix = target.onePrefix ?? classPrefix(name);
  const { apiKeys, readsAlone } = target;
  return new Mix(name, { apiKey: apiKeys[name], prefix, readsAlone }, { members, random });
}

function figuresOf({ requests, good, failedStatuses, served, latenessMs }: OpenLoopFigures): ClassFigures {
  return { offered: requests, good, failedStatuses, served, lateP99Ms: latenessMs.p99 };
}
