import { setTimeout as delay } from 'node:timers/promises';
import { otherRegion, REGIONS, type Region } from '../../topology';
import type { Arbiter, UnitDecision } from '../arbiter';
import type { Cache } from '../cache';
import { carriedVisibly, createClusters, requestUnit, type Suspicion, TransitionRun } from '../failover';
import type { Shards } from '../shards';
import type { RequestUnit } from '../switches';
import { type Environment, openShards } from './environment';
import { openFailoverQueue } from './failover-queue';

/** What has units moved, and what has to be closed with it. */
export interface OpenUnits {
  readonly shards: Shards;
  /** For what a switch `units/<u>` asks. */
  readonly requestUnit: RequestUnit;
  /** For what a controller asks: refused unless `failover/auto` is on. */
  readonly moveUnit: (
    ...asked: [...Parameters<RequestUnit>, suspicion: Suspicion | undefined]
  ) => ReturnType<RequestUnit>;
  /**
   * Carries a unit's transition on. Where that takes longer than the invocation may, the queue of this region is told to
   * go on.
   */
  advance(unit: string, parts: AdvanceParts): Promise<void>;
  stop(): void;
  close(): Promise<void>;
}

interface AdvanceParts {
  readonly announceMove: Cache['announceMove'];
  readonly announce: (decision: UnitDecision) => Promise<void>;
  readonly drain: (unit: string, decision: UnitDecision) => Promise<unknown>;
  readonly replay: (unit: string, decision: UnitDecision) => Promise<unknown>;
}

/** Less than the invocation's time, by more than a step takes. */
const ADVANCE_MS = 840_000;

export function openUnits(environment: Environment, arbiter: Arbiter): OpenUnits {
  const { config, clock, log } = environment;
  const { region, stage, endpoints } = config;
  const shards = openShards(environment, 2);
  const clusters = createClusters({ region, stage, endpoint: endpoints.aws });
  const queues = { A: openFailoverQueue(environment, 'A'), B: openFailoverQueue(environment, 'B') };
  const stopping = new AbortController();
  const parts = { arbiter, shards, clusters, region, clock, log };

  const tell = (name: Region, unit: string) => queues[name].tell({ kind: 'advance', unit });

  /**
   * The region that the unit goes to carries it on, for the databases that it needs are there; the other one only where
   * that was not told. Two would do everything twice. Should nobody be at it, a look of the controllers finds that.
   */
  async function wake(unit: string, to: Region): Promise<void> {
    for (const name of [to, otherRegion(to)]) {
      try {
        return await tell(name, unit);
      } catch (error) {
        log.warn('a region was not told of a transition', { unit, region: name, error: error as Error });
      }
    }
  }

  async function advance(unit: string, more: AdvanceParts): Promise<void> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(ADVANCE_MS)]);
    const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined);
    const run = new TransitionRun({ ...parts, ...more, pause }, unit);
    const isSettled = await carriedVisibly(arbiter, unit, () => run.advance(signal));
    if (!isSettled) await tell(region, unit);
  }

  return {
    shards,
    requestUnit: (unit, request, actor) => requestUnit({ ...parts, wake }, unit, request, actor),
    moveUnit: (unit, request, actor, suspicion) =>
      requestUnit({ ...parts, wake }, unit, request, actor, suspicion ?? 'automatic'),
    advance,
    stop: () => stopping.abort(),
    async close() {
      for (const name of REGIONS) queues[name].close();
      clusters.close();
      await shards.close();
    },
  };
}
