import { DOMAINS } from './domains';
import { REGIONS, type Region } from './regions';
import { TRAFFIC_CLASSES, type TrafficClass } from './traffic-classes';

export type Trigger =
  | { readonly kind: 'api'; readonly trafficClass: TrafficClass }
  | { readonly kind: 'queue'; readonly queue: string; readonly batchSize: number; readonly concurrency: number }
  | { readonly kind: 'schedule'; readonly everyMs: number }
  /** Invoked once after a deployment, and again whenever wanted: it is idempotent. */
  | { readonly kind: 'deployment' };

export interface FunctionDefinition {
  readonly name: string;
  /** File in `lambdas/handlers/` without its ending; it exports `handler`. */
  readonly handler: string;
  readonly regions: readonly Region[];
  readonly trigger: Trigger;
  readonly timeoutMs: number;
  /** Most invocations at a time, in each region. */
  readonly reservedConcurrency: number;
}

const API_CONCURRENCY: Readonly<Record<TrafficClass, number>> = { order: 256, marketing: 64, other: 128 };
const MINUTE_MS = 60_000;

const apiFunctions: FunctionDefinition[] = TRAFFIC_CLASSES.map((trafficClass) => ({
  name: `members-${trafficClass}`,
  handler: 'members',
  regions: REGIONS,
  trigger: { kind: 'api', trafficClass },
  timeoutMs: 10_000,
  reservedConcurrency: API_CONCURRENCY[trafficClass],
}));

function consumer(name: string, handler: string, region: Region): FunctionDefinition {
  return {
    name,
    handler,
    regions: [region],
    trigger: { kind: 'queue', queue: name, batchSize: 10, concurrency: 2 },
    timeoutMs: 20_000,
    reservedConcurrency: 2,
  };
}

function scheduled(name: string, timeoutMs: number, reservedConcurrency: number): FunctionDefinition {
  return {
    name,
    handler: name,
    regions: REGIONS,
    trigger: { kind: 'schedule', everyMs: MINUTE_MS },
    timeoutMs,
    reservedConcurrency,
  };
}

/** A step of a transition may wait for a database of another region for minutes, and for nobody else's. */
function failover(region: Region): FunctionDefinition {
  return {
    name: `failover-${region}`,
    handler: 'failover',
    regions: [region],
    trigger: { kind: 'queue', queue: `failover-${region}`, batchSize: 1, concurrency: 4 },
    timeoutMs: 900_000,
    reservedConcurrency: 4,
  };
}

export const FUNCTIONS: readonly FunctionDefinition[] = [
  ...apiFunctions,
  ...Object.values(DOMAINS).map((domain) => consumer(domain.queue, 'index-events', domain.region)),
  ...REGIONS.map((region) => consumer(`invalidate-${region}`, 'invalidate', region)),
  ...REGIONS.map(failover),
  // Started every minute and running for 190 s, so that two or more heartbeats always run.
  scheduled('heartbeat', 200_000, 5),
  scheduled('relay', 70_000, 2),
  scheduled('sweep', 70_000, 2),
  scheduled('switches', 70_000, 2),
  scheduled('canary', 30_000, 2),
  scheduled('staleness', 70_000, 2),
  {
    name: 'provision',
    handler: 'provision',
    regions: ['A'],
    trigger: { kind: 'deployment' },
    timeoutMs: 300_000,
    reservedConcurrency: 1,
  },
];

/** The function that answers a class. */
export function apiFunction(trafficClass: TrafficClass): FunctionDefinition {
  const found = FUNCTIONS.find(({ trigger }) => trigger.kind === 'api' && trigger.trafficClass === trafficClass);
  if (found === undefined) throw new Error(`No function answers class ${trafficClass}`);
  return found;
}

/** Every handler that a function has, once: several functions share one. */
export const HANDLERS: readonly string[] = [...new Set(FUNCTIONS.map(({ handler }) => handler))].sort();
