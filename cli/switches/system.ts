import type { Arbiter } from '../../lambdas/arbiter';
import { type Cache, createCache } from '../../lambdas/cache';
import { systemClock } from '../../lambdas/core';
import { openParameterStore, type ParameterStore, readSnapshot, SNAPSHOT_KEY } from '../../lambdas/switches';
import type { DayOfCalls, SecondOfCalls } from '../../lambdas/traffic';
import { REGIONS, type Region } from '../../topology';
import { lendCredentials, openArbiter, SILENT } from '../arbiter';
import type { SystemState } from '../state';
import { UsageError } from '../usage';

/** Stage of the local system. */
const STAGE = 'local';
/** A person waits; a region that is slow is not yet away. */
const SNAPSHOT_TIMEOUT_MS = 1000;

/** Calls of the last minutes. */
export interface RecentCalls {
  /** As each region's functions have counted them. */
  readonly calls: readonly SecondOfCalls[];
  /** Regions that do not tell, whose calls are missing. */
  readonly silentRegions: readonly Region[];
}

/** What the commands about switches ask. */
export interface SwitchSystem {
  readonly arbiter: Arbiter;
  readonly stores: Readonly<Record<Region, ParameterStore>>;
  recentCalls(durationMs: number): Promise<RecentCalls>;
  /** Calls by day, as each region's functions have counted them; of a region that does not tell, none. */
  callsByDay(): Promise<DayOfCalls[]>;
  /** Step of the book of switches that the functions of a region go by; undefined while its cache does not tell. */
  snapshotStep(region: Region): Promise<number | undefined>;
  close(): Promise<void>;
}

export function openSwitchSystem(state: SystemState): SwitchSystem {
  lendCredentials(state);
  const { engines } = state;
  const { endpoint } = state.aws;
  const store = (region: Region) => openParameterStore({ region, stage: STAGE, endpoint });
  const address = (region: Region) => {
    const found = engines.find(({ name }) => name === `redis-${region}`);
    if (found === undefined) throw new UsageError(`The local system has no cache in region ${region}.`);
    return { host: found.host, port: found.port, tls: false };
  };
  const endpoints = { A: address('A'), B: address('B') };
  const timeoutsMs = { local: SNAPSHOT_TIMEOUT_MS, other: SNAPSHOT_TIMEOUT_MS };
  const caches = Object.fromEntries(
    REGIONS.map((region) => [region, createCache({ region, endpoints, clock: systemClock, log: SILENT, timeoutsMs })]),
  ) as Record<Region, Cache>;
  const stores = { A: store('A'), B: store('B') };
  const arbiter = openArbiter(state);
  return {
    arbiter,
    stores,
    async recentCalls(durationMs) {
      const told = await Promise.all(
        REGIONS.map((region) => caches[region].recentCalls(region, durationMs).catch(() => undefined)),
      );
      const silentRegions = REGIONS.filter((_, index) => told[index] === undefined);
      return { calls: told.flatMap((calls) => calls ?? []), silentRegions };
    },
    async callsByDay() {
      const told = await Promise.all(REGIONS.map((region) => caches[region].callsByDay(region).catch(() => [])));
      return told.flat();
    },
    async snapshotStep(region) {
      const text = await caches[region].getText(SNAPSHOT_KEY).catch(() => undefined);
      return text === undefined ? undefined : readSnapshot(text).step;
    },
    async close() {
      for (const region of REGIONS) stores[region].close();
      arbiter.close();
      await Promise.all(REGIONS.map((region) => caches[region].close()));
    },
  };
}
