import fc from 'fast-check';
import { hashOf } from '../../../lambdas/switches';
import { REGIONS, type Region } from '../../../topology';
import { type Fate, seeded, TwoStores } from './two-stores';

const NAME = 'search/other';
const DEFAULT = '["standby","marketing"]';
/** Values that are accepted, and one that never is. */
const VALUES = ['["standby"]', '["marketing"]', '["order","standby"]', DEFAULT];
const BAD = '["nowhere"]';

interface Turned {
  readonly region: Region;
  readonly text: string;
  /** How often the change is told of: its event may be lost, and arrive twice. */
  readonly told: number;
}

const turned: fc.Arbitrary<Turned> = fc.record({
  region: fc.constantFrom(...REGIONS),
  text: fc.constantFrom(...VALUES, BAD),
  told: fc.constantFrom(1, 1, 1, 2, 0),
});
interface Arrival {
  readonly index: number;
  readonly told: number;
}

const fates = fc.array(fc.constantFrom<Fate>('lands', 'lands', 'lands', 'lost', 'unanswered', 'delayed', 'delayed'), {
  maxLength: 12,
});
/** Which of the copies that were given up in an earlier round arrive in this one, at some moment of it. */
const arrivals = fc.array(fc.record({ index: fc.nat({ max: 3 }), told: fc.constantFrom(1, 0) }), { maxLength: 2 });
const round = fc.record({ turns: fc.array(turned, { minLength: 1, maxLength: 3 }), fates, arrivals });
const rounds = fc.array(round, { minLength: 1, maxLength: 4 });

let settled: TwoStores['book'];
beforeAll(async () => {
  settled = (await seeded(NAME, DEFAULT)).book;
});

function asDeployed(keepsDescriptions: boolean): TwoStores {
  const world = new TwoStores(NAME);
  for (const region of REGIONS) {
    world.stores[region].keepsDescriptions = keepsDescriptions;
    world.turn(region, DEFAULT);
  }
  world.book = settled;
  return world;
}

/**
 * Everything of a round happens in an order of the scheduler's: turns, copies that arrive at last, their events, and every
 * trip of the keepers.
 *
 * @returns into which stores copies have come that were given up before
 */
async function play(
  world: TwoStores,
  scheduler: fc.Scheduler,
  { turns, arrivals: arriving }: { readonly turns: readonly Turned[]; readonly arrivals: readonly Arrival[] },
): Promise<ReadonlySet<Region>> {
  const reached = new Set<Region>();
  const arrive = async ({ index, told }: Arrival) => {
    const region = world.arrive(index);
    if (region === undefined) return;
    reached.add(region);
    if (told > 0) await looked(world, region);
  };
  world.step = (label) => scheduler.schedule(Promise.resolve(), label);
  const events = turns.flatMap(({ region, text, told }, index) => [
    scheduler
      .schedule(Promise.resolve(), `turn ${index}`)
      .then(() => world.turn(region, text))
      .then(() => Promise.all(Array.from({ length: told }, () => looked(world, region)))),
  ]);
  const late = arriving.map((arrival, index) =>
    scheduler.schedule(Promise.resolve(), `arrival ${index}`).then(() => arrive(arrival)),
  );
  await scheduler.waitIdle();
  await Promise.all([...events, ...late]);
  return reached;
}

async function looked(world: TwoStores, region: Region): Promise<void> {
  await world.step(`tell of store ${region}`);
  await world.keepers[region].look(NAME, region);
}

const outcomes = (world: TwoStores, outcome: string) =>
  [...world.entries.values()].filter((entry) => entry.outcome === outcome);

test('races 22, 45, 57: whatever crosses, doubles, is lost or late by any time, one order stands in both stores, and someone gave it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), rounds, fc.boolean(), async (scheduler, played, keepsDescriptions) => {
      const world = asDeployed(keepsDescriptions);
      for (const { turns, fates: given, arrivals: arriving } of played) {
        const before = world.record;
        world.fates = given[Symbol.iterator]();
        const reached = await play(world, scheduler, { turns, arrivals: arriving });
        await world.settle();
        const { record, stores } = world;
        for (const region of REGIONS) expect(hashOf(stores[region].held?.text ?? '')).toBe(hashOf(record.text));
        // A copy that is taken for an order would be one revision more than there were orders.
        expect(record.revision - before.revision).toBeLessThanOrEqual(turns.length);
        expect([before.text, ...turns.map(({ text }) => text)].map(hashOf)).toContain(hashOf(record.text));
        expect(record.text).not.toBe(BAD);
        // An order alone is never swallowed, whatever became of the copies before it, unless one overwrites it unseen.
        const [only, ...others] = turns;
        if (only !== undefined && others.length === 0 && only.text !== BAD && !reached.has(only.region)) {
          expect(hashOf(record.text)).toBe(hashOf(only.text));
        }
        expect(REGIONS.map((region) => record.stores[region].intent)).toEqual([undefined, undefined]);
        expect(record.untold).toEqual([]);
      }
      const { record } = world;
      while (world.delayed.length > 0) world.arrive(0);
      await world.settle();
      for (const region of REGIONS) expect(hashOf(world.stores[region].held?.text ?? '')).toBe(hashOf(record.text));
      expect(world.record.revision).toBe(record.revision);
      expect(outcomes(world, 'accepted')).toHaveLength(record.revision - 1);
    }),
    { numRuns: 250 },
  );
});
