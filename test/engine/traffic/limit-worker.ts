/** An execution environment of its own, in a process of its own: calls at an even pace, and tells when calls passed. */
import { createCache } from '../../../lambdas/cache';
import { type FlowRule, systemClock } from '../../../lambdas/core';
import { AppliedRules } from '../../../lambdas/traffic';
import { ALGORITHMS, type AlgorithmName } from '../../../lambdas/traffic/flow/algorithms';
import { REGIONS } from '../../../topology';
import { until } from '../cache/until';

type Address = { readonly host: string; readonly port: number; readonly tls: boolean };

export interface WorkerJob {
  readonly caches: { readonly A: Address; readonly B: Address };
  readonly ratePerS: number;
  readonly burst: number;
  readonly offeredPerS: number;
  readonly workers: number;
  readonly durationMs: number;
}

export interface Admitted {
  readonly beganAtMs: number;
  /** When calls passed, by the wall clock that all workers have. */
  readonly times: Partial<Record<AlgorithmName, number[]>>;
  readonly trips: number;
  readonly offered: number;
  /** How late the busy machine let it call, or let it have an answer, at most. */
  readonly mostLateMs: number;
}

const TICK_MS = 5;
const MOST_WAIT_MS = 150;
/** The first answers of all are late. */
const COLD_MS = 1000;

function ruleOf(name: AlgorithmName, { ratePerS, burst }: WorkerJob): FlowRule {
  const algorithm = name === 'warm-up' ? 'token-bucket' : name;
  return { id: name, match: {}, algorithm, ratePerS, burst, mode: 'on', ...(name === 'warm-up' && { warmUpS: 1 }) };
}

async function work(job: WorkerJob): Promise<Admitted> {
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const [region] = REGIONS;
  const timeoutsMs = { local: 2000, other: 2000 };
  const cache = createCache({ region, endpoints: job.caches, clock: systemClock, log: silent, timeoutsMs });
  // A busy machine may be late with the first answers.
  await until(() => Promise.all(REGIONS.map((of) => cache.probe(of))).then(() => true));
  let trips = 0;
  const store = {
    take: (...parameters: Parameters<typeof cache.take>) => {
      trips += 1;
      return cache.take(...parameters);
    },
  };
  const rules = new AppliedRules({ region, trafficClass: 'order', store, clock: systemClock });
  rules.countEnvironments({ ofClass: job.workers, ofAll: job.workers });
  const names = Object.keys(ALGORITHMS) as AlgorithmName[];
  rules.follow({ rules: names.map((name) => ruleOf(name, job)), deny: [] }, false);
  const caller = { id: 'shop', rules: [] } as unknown as Parameters<typeof rules.passesOf>[0];
  const { global, turn } = rules.passesOf(caller, 'getMember');
  const limits = [...global, ...turn];
  const times: Partial<Record<AlgorithmName, number[]>> = Object.fromEntries(names.map((name) => [name, []]));
  let offered = 0;
  let mostLateMs = 0;
  let tickedAtMs = Date.now();
  const beganAtMs = Date.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      mostLateMs = Math.max(mostLateMs, Date.now() - tickedAtMs - TICK_MS);
      tickedAtMs = Date.now();
      const elapsedMs = tickedAtMs - beganAtMs;
      const askedAtMs = tickedAtMs;
      for (; offered < ((elapsedMs * job.offeredPerS) / 1000) * limits.length; offered += limits.length) {
        for (const { rule, limit } of limits) {
          void Promise.resolve(limit.take(systemClock.monotonicMs(), MOST_WAIT_MS)).then((verdict) => {
            if (elapsedMs > COLD_MS) mostLateMs = Math.max(mostLateMs, Date.now() - askedAtMs);
            if (verdict <= 0) times[rule as AlgorithmName]?.push(Date.now() - verdict);
          });
        }
      }
      if (elapsedMs < job.durationMs) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
  await cache.close();
  return { beganAtMs, times, trips, offered, mostLateMs };
}

process.once('message', (job: WorkerJob) => void work(job).then((admitted) => process.send?.(admitted)));
