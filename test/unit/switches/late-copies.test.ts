import { REGIONS, type Region } from '../../../topology';
import { seeded, type TwoStores, texts, told } from './two-stores';

const NAME = 'search/order';
const DEFAULT = '["order","standby"]';
const STANDBY = '["standby"]';
const ORDER = '["order"]';

test('race 45: a copy that arrives after the next value is no order, and the next value is put again', async () => {
  const world = await seeded(NAME, DEFAULT);
  const held: (() => void)[] = [];
  world.step = (label) =>
    label === 'put into store B' && held.length === 0
      ? new Promise((resolve) => held.push(resolve))
      : Promise.resolve();
  world.turn('A', STANDBY);
  const first = world.keepers.A.look(NAME, 'A');
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
  world.turn('A', ORDER);
  await world.keepers.A.look(NAME, 'A');
  expect(texts(world)).toEqual([ORDER, ORDER]);
  // That somebody looks before it arrives is no reason to expect it no more.
  await world.keepers.B.look(NAME, 'B');
  held[0]?.();
  // Whoever is told of the change in B looks before its copier has heard that it arrived.
  world.step = async (label) => {
    if (label === 'hear from store B') await world.keepers.B.look(NAME, 'B');
  };
  await first;
  expect(world.record).toMatchObject({ revision: 3, text: ORDER });
  expect(texts(world)).toEqual([ORDER, ORDER]);
  expect(world.stores.B.history.map(({ text }) => text)).toEqual([DEFAULT, ORDER, STANDBY, ORDER]);
});

test('race 45: a change that is told of again, after the next value was accepted, is no order', async () => {
  const world = await seeded(NAME, DEFAULT);
  world.turn('B', STANDBY);
  await world.keepers.B.look(NAME, 'B');
  // The copy of what A is turned to next does not get through, so B still holds what was told of.
  world.fates = ['lost' as const][Symbol.iterator]();
  world.turn('A', ORDER);
  await world.keepers.A.look(NAME, 'A');
  expect(texts(world)).toEqual([ORDER, STANDBY]);
  await world.keepers.B.look(NAME, 'B');
  expect(world.record).toMatchObject({ revision: 3, text: ORDER });
  await world.settle();
  expect(texts(world)).toEqual([ORDER, ORDER]);
});

test('race 45: a copy that nobody heard of and nobody looked for is no order, however late it is found', async () => {
  const world = await seeded(NAME, DEFAULT);
  world.fates = ['unanswered', 'lost'][Symbol.iterator]() as Iterator<'unanswered' | 'lost'>;
  for (const text of [STANDBY, ORDER]) {
    world.turn('B', text);
    await world.keepers.B.look(NAME, 'B');
  }
  expect(texts(world)).toEqual([STANDBY, ORDER]);
  await world.settle();
  expect(world.record).toMatchObject({ revision: 3, text: ORDER });
  expect(texts(world)).toEqual([ORDER, ORDER]);
});

test('race 57: a copy that was lost swallows no later order of the same value', async () => {
  const world = await seeded(NAME, DEFAULT);
  world.fates = ['lost' as const][Symbol.iterator]();
  world.turn('A', STANDBY);
  await world.keepers.A.look(NAME, 'A');
  world.turn('A', ORDER);
  await world.keepers.A.look(NAME, 'A');
  world.turn('B', STANDBY);
  await world.keepers.B.look(NAME, 'B');
  expect(world.record).toMatchObject({ revision: 4, text: STANDBY, actor: 'an operator in region B' });
  await world.settle();
  expect(texts(world)).toEqual([STANDBY, STANDBY]);
});

describe.each([true, false])(
  'where a put that names no description keeps the one that stood: %s',
  (keepsDescriptions) => {
    async function begun(): Promise<TwoStores> {
      const world = await seeded(NAME, DEFAULT);
      for (const region of REGIONS) world.stores[region].keepsDescriptions = keepsDescriptions;
      return world;
    }
    const turned = async (world: TwoStores, region: Region, text: string) => {
      world.turn(region, text);
      await world.keepers[region].look(NAME, region);
    };

    test('race 45: a copy that was given up, and arrives a day later, is no order', async () => {
      const world = await begun();
      world.fates = ['delayed' as const][Symbol.iterator]();
      await turned(world, 'A', STANDBY);
      await turned(world, 'A', ORDER);
      world.nowMs += 86_400_000;
      world.turn('B', DEFAULT);
      expect(world.arrive(0)).toBe('B');
      await world.keepers.B.look(NAME, 'B');
      expect(world.record).toMatchObject({ revision: 3, text: ORDER });
      expect(texts(world)).toEqual([ORDER, ORDER]);
      expect(told(world).slice(2)).toMatchObject([
        { outcome: 'noted', action: `saw a late copy of an earlier value of ${NAME} arrive in region B` },
        { outcome: 'noted', action: `overwrote a change of ${NAME} in region B before anyone had looked at it` },
      ]);
    });

    test('race 57: whoever turns a switch back to what the machine has put before is obeyed', async () => {
      const world = await begun();
      await turned(world, 'A', STANDBY);
      await turned(world, 'B', ORDER);
      await turned(world, 'B', STANDBY);
      expect([texts(world), world.record.revision]).toEqual([[STANDBY, STANDBY], 4]);
    });
  },
);

test('race 45: a unit that was asked for is not asked for again by a copy that was given up', async () => {
  const there = '{"writer":"B","mode":"database"}';
  const world = await seeded('units/a1', '{"writer":"A","mode":"database"}');
  let asked = 0;
  world.requestUnit = async () => {
    asked += 1;
    return { accepted: true };
  };
  world.fates = ['delayed' as const][Symbol.iterator]();
  world.turn('A', there);
  await world.keepers.A.look('units/a1', 'A');
  await world.settle();
  world.arrive(0);
  await world.keepers.B.look('units/a1', 'B');
  expect([texts(world), asked, world.record.revision]).toEqual([[there, there], 1, 2]);
});

test('what the history of a store does not tell of yet is looked at again', async () => {
  const world = await seeded(NAME, DEFAULT);
  world.turn('A', STANDBY);
  const { history } = world.stores.A;
  world.stores.A.history = [];
  await expect(world.keepers.A.look(NAME, 'A')).rejects.toThrow(`does not tell who has turned ${NAME}`);
  expect(world.record.revision).toBe(1);
  world.stores.A.history = history;
  await world.keepers.A.look(NAME, 'A');
  expect([texts(world), world.record.revision]).toEqual([[STANDBY, STANDBY], 2]);
});

test('the history of a store is asked for nothing but changes that may be orders', async () => {
  const world = await seeded(NAME, DEFAULT);
  expect(world.askedForHistory).toBe(0);
  world.turn('B', STANDBY);
  await world.keepers.B.look(NAME, 'B');
  expect(world.askedForHistory).toBe(1);
  await world.keepers.A.look(NAME, 'A');
  for (const region of REGIONS) await world.keepers[region].check(region);
  expect(world.askedForHistory).toBe(1);
});

test('a put that was announced by a clock an hour ahead, and never left, is put by others all the same', async () => {
  const world = await seeded('search/order', '["order","standby"]');
  const hourMs = 3_600_000;
  world.nowMs += hourMs;
  world.fates = (['lost'] as const)[Symbol.iterator]();
  world.turn('A', '["standby"]');
  await world.keepers.A.look('search/order', 'A');
  world.nowMs -= hourMs - 20_000;
  await world.keepers.B.check('B');
  expect(texts(world)).toEqual(['["standby"]', '["standby"]']);
});
