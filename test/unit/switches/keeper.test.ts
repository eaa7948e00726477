import { NOTHING_ILL } from '../../../lambdas/switches';
import { seeded, type TwoStores, texts, told } from './two-stores';

const NAME = 'search/order';
const DEFAULT = '["order","standby"]';
const STANDBY = '["standby"]';
const ORDER = '["order"]';

test('a turned switch is the next revision, in both stores, in a snapshot and in the audit, and its copy is no order', async () => {
  const world = await seeded(NAME, DEFAULT);
  world.turn('B', STANDBY);
  await world.keepers.B.look(NAME, 'B');
  await world.keepers.A.look(NAME, 'A');
  expect(texts(world)).toEqual([STANDBY, STANDBY]);
  expect(world.record).toMatchObject({ revision: 2, text: STANDBY, actor: 'an operator in region B', untold: [] });
  expect(world.published).toBe(1);
  expect(told(world)).toEqual([
    {
      subject: `switch/${NAME}`,
      actor: 'an operator in region B',
      action: `turned ${NAME} to ${STANDBY}`,
      outcome: 'accepted',
      reason: `It is revision 2; before, it was ${DEFAULT}.`,
      detail: { revision: 2, value: ['standby'], former: ['order', 'standby'] },
    },
  ]);
});

test.each([
  ['malformed', 'standby', 'It is not JSON.'],
  ['unknown', '["nowhere"]', 'At 0: '],
  ['unsafe', '[]', 'A class needs one search domain at least.'],
])('a value that is %s is put back, and the audit says why', async (_, text, reason) => {
  const world = await seeded(NAME, DEFAULT);
  world.turn('A', text);
  await world.keepers.A.look(NAME, 'A');
  expect(texts(world)).toEqual([DEFAULT, DEFAULT]);
  expect(world.record).toMatchObject({ revision: 1, refused: { text, region: 'A' } });
  expect(world.published).toBe(0);
  expect(told(world)).toMatchObject([{ outcome: 'refused', action: `turned ${NAME} to ${text}` }]);
  expect(told(world)[0]?.reason).toContain(reason);
  expect(told(world)[0]?.reason).toContain(`${DEFAULT}, revision 1, stands.`);
});

test('what is unsafe is never published', async () => {
  const world = await seeded('regions/A', '"active"');
  world.turn('B', '"closed"');
  await world.keepers.B.look('regions/A', 'B');
  await world.keepers.B.order('regions/B', 'fenced', { actor: 'controller', because: 'A test.' });
  const published = world.published;
  world.turn('A', '"fenced"');
  await world.keepers.A.look('regions/A', 'A');
  expect([texts(world), world.published]).toEqual([['"active"', '"active"'], published]);
  expect(told(world).at(-1)?.reason).toMatch(/^No region would serve: region B is fenced\./);
});

test('a region is held against its fence by when that was accepted', async () => {
  const world = await seeded('regions/A', '"active"');
  const turnTo = async (mode: string) => {
    world.nowMs += 60_000;
    world.turn('B', `"${mode}"`);
    await world.keepers.B.look('regions/A', 'B');
    return world.record.text;
  };
  const fencedAtMs = world.nowMs + 60_000;
  expect(await turnTo('fenced')).toBe('"fenced"');
  world.ill = { ...NOTHING_ILL, lostAtMs: { A: fencedAtMs } };
  expect(await turnTo('active')).toBe('"fenced"');
  expect(told(world).at(-1)?.reason).toContain('npx twinkeep region readmit A');
  expect(await turnTo('draining')).toBe('"draining"');
  expect(await turnTo('active')).toBe('"active"');
  // A later fence, around a region that has been well since.
  expect(await turnTo('fenced')).toBe('"fenced"');
  expect(await turnTo('active')).toBe('"active"');
});

test('a value that says the same in other words is no order', async () => {
  const world = await seeded('cache/A', '{"mode":"on","generation":1}');
  world.turn('A', '{ "generation": 1, "mode": "on" }');
  await world.keepers.A.look('cache/A', 'A');
  expect(world.record.revision).toBe(1);
  expect(told(world)).toEqual([]);
});

test('race 22: of two who turn a switch in two regions at once, one is last, and both stores have his value', async () => {
  const world = await seeded(NAME, DEFAULT);
  world.turn('A', STANDBY);
  world.turn('B', ORDER);
  await Promise.all([world.keepers.A.look(NAME, 'A'), world.keepers.B.look(NAME, 'B')]);
  await Promise.all([world.keepers.A.look(NAME, 'A'), world.keepers.B.look(NAME, 'B')]);
  expect(new Set([...texts(world), world.record.text]).size).toBe(1);
  await world.settle();
  expect(texts(world)).toEqual([world.record.text, world.record.text]);
});

test('an order that a copy overwrites before anyone has looked at it stands in the audit', async () => {
  const world = await seeded(NAME, DEFAULT);
  world.turn('B', ORDER);
  world.turn('A', STANDBY);
  await world.keepers.A.look(NAME, 'A');
  await world.keepers.B.look(NAME, 'B');
  expect([...texts(world), world.record.revision]).toEqual([STANDBY, STANDBY, 2]);
  expect(told(world)).toMatchObject([
    { outcome: 'accepted' },
    { outcome: 'noted', action: `overwrote a change of ${NAME} in region B before anyone had looked at it` },
  ]);
});

test('a switch may be turned there and back at once, in the region that the first turn was copied to', async () => {
  const world = await seeded(NAME, DEFAULT);
  for (const [region, text] of [
    ['A', STANDBY],
    ['B', ORDER],
    ['B', STANDBY],
    ['A', ORDER],
    ['A', STANDBY],
  ] as const) {
    world.turn(region, text);
    await world.keepers[region].look(NAME, region);
    expect([...texts(world), world.record.text]).toEqual([text, text, text]);
  }
  expect(world.record.revision).toBe(6);
});

async function afterLosing(lose: (store: TwoStores['stores']['A']) => void): Promise<TwoStores> {
  const world = await seeded(NAME, DEFAULT);
  world.turn('B', STANDBY);
  await world.keepers.B.look(NAME, 'B');
  world.nowMs += 60_000;
  lose(world.stores.A);
  await world.keepers.A.check('A');
  expect(world.record.revision).toBe(2);
  return world;
}

const PUT_BACK = {
  outcome: 'noted',
  action: `found that the store of region A has lost ${NAME}`,
  reason: `${STANDBY}, revision 2, is put there again.`,
};

test('race 23: a parameter that a store has lost is put back', async () => {
  const world = await afterLosing((store) => {
    store.held = undefined;
  });
  expect([texts(world), told(world)[1]]).toEqual([[STANDBY, STANDBY], expect.objectContaining(PUT_BACK)]);
});

test('race 23: a store that began anew with the defaults is given what was accepted', async () => {
  const world = await afterLosing((store) => {
    store.begin(DEFAULT, 2_000_000);
  });
  expect([texts(world), told(world)[1]]).toEqual([[STANDBY, STANDBY], expect.objectContaining(PUT_BACK)]);
});

test('race 23: whoever turns a switch in a store that began anew is obeyed, though it counts its versions anew', async () => {
  const world = await seeded(NAME, DEFAULT);
  for (const text of [STANDBY, ORDER, STANDBY]) {
    world.turn('A', text);
    await world.keepers.A.look(NAME, 'A');
  }
  world.nowMs += 60_000;
  world.stores.A.begin(DEFAULT, world.nowMs);
  world.turn('A', ORDER);
  await world.keepers.A.look(NAME, 'A');
  expect(world.record).toMatchObject({ revision: 5, text: ORDER });
});

test('a store that answers with what it held a moment ago gives no order', async () => {
  const world = await seeded(NAME, DEFAULT);
  const stale = { ...world.stores.A.held } as NonNullable<TwoStores['stores']['A']['held']>;
  world.nowMs += 1000;
  world.turn('A', STANDBY);
  await world.keepers.A.look(NAME, 'A');
  world.nowMs += 1000;
  world.turn('A', ORDER);
  await world.keepers.A.look(NAME, 'A');
  const now = world.stores.A.held;
  world.stores.A.held = { ...stale, text: STANDBY, version: 2, modifiedAtMs: stale.modifiedAtMs + 1000 };
  await world.keepers.A.look(NAME, 'A');
  world.stores.A.held = now;
  expect(world.record).toMatchObject({ revision: 3, text: ORDER });
});

test('a change that nobody was told of is found by the next check', async () => {
  const world = await seeded(NAME, DEFAULT);
  world.turn('A', STANDBY);
  await world.keepers.A.check('A');
  expect(texts(world)).toEqual([STANDBY, STANDBY]);
});

test('what the audit could not be told is told later, once', async () => {
  const world = await seeded(NAME, DEFAULT);
  world.isAuditAway = true;
  world.turn('A', STANDBY);
  await world.keepers.A.look(NAME, 'A');
  expect([told(world), world.record.untold.length, world.record.revision]).toEqual([[], 1, 2]);
  world.isAuditAway = false;
  await world.keepers.B.check('B');
  await world.keepers.B.check('B');
  expect(told(world)).toMatchObject([{ outcome: 'accepted' }]);
  expect(world.record.untold).toEqual([]);
});

test('a copier that slept does not put what may have been replaced since', async () => {
  const world = await seeded(NAME, DEFAULT);
  let pages = 0;
  world.step = async (label) => {
    if (label !== 'change the book') return;
    pages += 1;
    if (pages === 1) world.nowMs += 5000;
  };
  world.turn('A', STANDBY);
  await world.keepers.A.look(NAME, 'A');
  expect(texts(world)).toEqual([STANDBY, DEFAULT]);
  await world.settle();
  expect(texts(world)).toEqual([STANDBY, STANDBY]);
});
