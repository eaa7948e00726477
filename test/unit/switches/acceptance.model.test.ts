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
const fates = fc.array(fc.constantFrom<Fate>('lands', 'lands', 'lands', 'lost', 'unanswered'), { maxLength: 12 });
const rounds = fc.array(fc.record({ turns: fc.array(turned, { minLength: 1, maxLength: 3 }), fates }), {
  minLength: 1,
  maxLength: 3,
});

let settled: TwoStores['book'];
beforeAll(async () => {
  settled = (await seeded(NAME, DEFAULT)).book;
});

function asDeployed(): TwoStores {
  const world = new TwoStores(NAME);
  for (const region of REGIONS) world.turn(region, DEFAULT);
  world.book = settled;
  return world;
}

/** Everything of a round happens in an order of the scheduler's: turns, their events, and every trip of the keepers. */
async function play(world: TwoStores, scheduler: fc.Scheduler, turns: readonly Turned[]): Promise<void> {
  world.step = (label) => scheduler.schedule(Promise.resolve(), label);
  const events = turns.flatMap(({ region, text, told }, index) => [
    scheduler
      .schedule(Promise.resolve(), `turn ${index}`)
      .then(() => world.turn(region, text))
      .then(() => Promise.all(Array.from({ length: told }, () => looked(world, region)))),
  ]);
  await scheduler.waitIdle();
  await Promise.all(events);
}

async function looked(world: TwoStores, region: Region): Promise<void> {
  await world.step(`tell of store ${region}`);
  await world.keepers[region].look(NAME, region);
}

const outcomes = (world: TwoStores, outcome: string) =>
  [...world.entries.values()].filter((entry) => entry.outcome === outcome);

test('races 22, 45, 57: whatever crosses, doubles, is late or lost, one order stands in both stores, and someone gave it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), rounds, async (scheduler, played) => {
      const world = asDeployed();
      for (const { turns, fates: given } of played) {
        const before = world.record;
        world.fates = given[Symbol.iterator]();
        await play(world, scheduler, turns);
        await world.settle();
        const { record, stores } = world;
        for (const region of REGIONS) expect(hashOf(stores[region].held?.text ?? '')).toBe(hashOf(record.text));
        // A copy that is taken for an order would be one revision more than there were orders.
        expect(record.revision - before.revision).toBeLessThanOrEqual(turns.length);
        expect([before.text, ...turns.map(({ text }) => text)].map(hashOf)).toContain(hashOf(record.text));
        expect(record.text).not.toBe(BAD);
        // An order alone is never swallowed, whatever became of the copies before it.
        const [only, ...others] = turns;
        if (only !== undefined && others.length === 0 && only.text !== BAD) {
          expect(hashOf(record.text)).toBe(hashOf(only.text));
        }
        expect(REGIONS.map((region) => record.stores[region].intent)).toEqual([undefined, undefined]);
        expect(record.untold).toEqual([]);
      }
      expect(outcomes(world, 'accepted')).toHaveLength(world.record.revision - 1);
    }),
    { numRuns: 250 },
  );
}, 120_000);
