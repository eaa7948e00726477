import type { UnitDecision } from '../../../lambdas/arbiter';
import { LOOK_EVERY_MS, look, type Memory } from '../../../lambdas/failover/controller/memory';
import type { Reach, Report } from '../../../lambdas/failover/controller/report';
import type { View } from '../../../lambdas/failover/controller/view';
import { DOMAIN_NAMES, DOMAIN_PREFERENCE, REGIONS, type Region, TRAFFIC_CLASSES } from '../../../topology';

export const ALL_REACHED: Reach = {
  databases: { a1: { A: true, B: true }, b1: { A: true, B: true } },
  caches: { A: true, B: true },
  domains: { order: true, standby: true, marketing: true },
};
export const NOTHING_REACHED: Reach = {
  databases: { a1: { A: false, B: false }, b1: { A: false, B: false } },
  caches: { A: false, B: false },
  domains: { order: false, standby: false, marketing: false },
};

/** What region B reaches once region A is gone. */
export const WITHOUT_A: Reach = {
  databases: { a1: { A: false, B: true }, b1: { A: false, B: true } },
  caches: { A: false, B: true },
  domains: { order: false, standby: true, marketing: true },
};

export const UNITS: readonly UnitDecision[] = [
  { unit: 'a1', epoch: 1, writer: 'A', mode: 'database', renewals: 0, grantedMs: 10_000 },
  { unit: 'b1', epoch: 2, writer: 'B', mode: 'database', renewals: 0, grantedMs: 10_000 },
];

export function switchesAsFounded(): Record<string, { value: unknown; revision: number; byController: boolean }> {
  return Object.fromEntries([
    ...TRAFFIC_CLASSES.map((name) => [
      `search/${name}`,
      { value: DOMAIN_PREFERENCE[name], revision: 1, byController: false },
    ]),
    ...DOMAIN_NAMES.map((name) => [`sync/${name}`, { value: 'on', revision: 1, byController: false }]),
    ...REGIONS.map((region) => [
      `cache/${region}`,
      { value: { mode: 'on', generation: 1 }, revision: 1, byController: false },
    ]),
    ...REGIONS.map((region) => [`regions/${region}`, { value: 'active', revision: 1, byController: false }]),
  ]);
}

/** Reports of looks one after another; a region whose reach is undefined reports nothing. */
export function lookRepeatedly(
  memory: Memory,
  times: number,
  reach: Readonly<Record<Region, Reach | undefined>>,
  fromMs = 1_000_000,
): Memory {
  let after = memory;
  for (let time = 0; time < times; time += 1) {
    const reports = REGIONS.flatMap((region): Report[] => {
      const { count } = after.heard[region];
      const seen = reach[region];
      return seen === undefined ? [{ region, count, reach: ALL_REACHED }] : [{ region, count: count + 1, reach: seen }];
    });
    after = look(after, reports, fromMs + time * LOOK_EVERY_MS, { units: UNITS });
  }
  return after;
}

export function viewFrom(region: Region, memory: Memory, over: Partial<View> = {}): View {
  return {
    region,
    nowMs: 2_000_000,
    memory,
    units: UNITS,
    left: [],
    writerPatienceMs: 0,
    promotableLagMs: 60_000,
    switches: switchesAsFounded(),
    ...over,
  };
}

export const without = (reach: Reach, change: Partial<Reach>): Reach => ({ ...reach, ...change });
