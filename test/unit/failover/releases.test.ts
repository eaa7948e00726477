import type { Arbiter, StoredMemory } from '../../../lambdas/arbiter';
import { control, knownToBeIll, RenewalWatch, reportsOf } from '../../../lambdas/failover';
import { FIRST_MEMORY } from '../../../lambdas/failover/controller/memory';
import { ALL_REACHED } from './looks';

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

test('a report of an earlier release reaches nothing of what that does not know, and has everybody look on', () => {
  const { order, standby } = ALL_REACHED.domains;
  const { a1 } = ALL_REACHED.databases;
  const earlier = { databases: { a1 }, caches: ALL_REACHED.caches, domains: { order, standby } };
  expect(reportsOf([{ region: 'B', count: 4, reach: earlier }])).toEqual([
    {
      region: 'B',
      count: 4,
      reach: {
        databases: { a1: { A: true, B: true }, b1: { A: false, B: false } },
        caches: { A: true, B: true },
        domains: { order: true, standby: true, marketing: false },
      },
    },
  ]);
});

test('that a region was lost is remembered over a release with other subjects', async () => {
  const { 'domain/marketing': _, ...standings } = FIRST_MEMORY.standings;
  const earlier = { ...FIRST_MEMORY, standings, lostAtMs: { A: 77 } };
  let stored: StoredMemory = { revision: 9, memory: { memory: earlier, attempts: {} } };
  const observations = {
    memory: async () => stored,
    reports: async () => [],
    remember: async (_region: string, memory: StoredMemory) => {
      stored = memory;
      return true;
    },
  } as unknown as Arbiter['observations'];
  expect((await knownToBeIll({ observations }, 'B')).lostAtMs).toMatchObject({ A: 77 });
  await control({
    arbiter: {
      observations,
      decisions: { units: async () => [], acceptedSwitches: async () => [] } as unknown as Arbiter['decisions'],
      audit: {} as Arbiter['audit'],
    },
    region: 'B',
    clock: { nowMs: () => 1_000_000, monotonicMs: () => 0 },
    log: LOG,
    hands: {} as never,
    renewals: new RenewalWatch(),
    underWay: async () => ({ works: [], left: [] }),
  });
  expect((await knownToBeIll({ observations }, 'B')).lostAtMs).toMatchObject({ A: 77 });
});
