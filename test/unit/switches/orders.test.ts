import { type StoreRecord, type SwitchRecord, seededRecord } from '../../../lambdas/arbiter';
import { hashOf, type Keeper } from '../../../lambdas/switches';
import { isReminder, landed, look } from '../../../lambdas/switches/acceptance';
import { seeded, texts, told } from './two-stores';

const NAME = 'search/order';
const DEFAULT = '["order","standby"]';
const STANDBY = '["standby"]';

describe('the machine', () => {
  const because = 'Domain order does not answer.';
  const ordered = (keeper: Keeper, value: unknown, expectedRevision?: number) =>
    keeper.order(NAME, value, {
      actor: 'controller',
      because,
      ...(expectedRevision === undefined ? {} : { expectedRevision }),
    });

  test('turns a switch in both stores, and says why', async () => {
    const world = await seeded(NAME, DEFAULT);
    expect(await ordered(world.keepers.A, ['standby'], 1)).toEqual({ accepted: true, revision: 2 });
    await Promise.all([world.keepers.A.look(NAME, 'A'), world.keepers.B.look(NAME, 'B')]);
    expect(texts(world)).toEqual([STANDBY, STANDBY]);
    expect(world.record).toMatchObject({ revision: 2, actor: 'controller' });
    expect(told(world)).toMatchObject([{ actor: 'controller', outcome: 'accepted' }]);
    expect(told(world)[0]?.reason).toMatch(/^Domain order does not answer\. It is revision 2/);
  });

  test('is bound by the same rules, and yields to who has turned it since', async () => {
    const world = await seeded(NAME, DEFAULT);
    expect(await ordered(world.keepers.A, [])).toMatchObject({ accepted: false });
    expect(await ordered(world.keepers.A, ['standby'], 7)).toEqual({
      accepted: false,
      reasons: ['It was turned meanwhile: revision 1 stands.'],
    });
    expect([texts(world), world.record.revision]).toEqual([[DEFAULT, DEFAULT], 1]);
    expect(told(world)).toMatchObject([{ actor: 'controller', outcome: 'refused' }]);
  });
});

describe('a unit', () => {
  const UNIT = 'units/a1';
  const HERE = '{"writer":"A","mode":"database"}';
  const THERE = '{"writer":"B","mode":"database"}';

  test('that is refused stays as it is, for the reason given', async () => {
    const world = await seeded(UNIT, HERE);
    world.requestUnit = async () => ({ accepted: false, reason: 'Its replica is late.' });
    world.turn('A', THERE);
    await world.keepers.A.look(UNIT, 'A');
    expect(texts(world)).toEqual([HERE, HERE]);
    expect(told(world)[0]?.reason).toMatch(/^Its replica is late\. /);
  });

  test('that has not got there yet is asked for again by whoever puts the value once more, and by no copy', async () => {
    const world = await seeded(UNIT, HERE);
    let asked = 0;
    world.requestUnit = async () => {
      asked += 1;
      return { accepted: true };
    };
    world.turn('A', THERE);
    await world.keepers.A.look(UNIT, 'A');
    // Its copy has arrived in B, and is told of there.
    await world.keepers.B.look(UNIT, 'B');
    expect([texts(world), asked]).toEqual([[THERE, THERE], 1]);
    for (const region of ['A', 'B'] as const) {
      world.turn(region, THERE);
      await world.keepers[region].look(UNIT, region);
      await world.keepers[region].look(UNIT, region);
    }
    expect([asked, world.record.revision]).toEqual([3, 2]);
  });

  test('that has got somewhere without anybody recording it is recorded by a check, unless it is under way or asked for', async () => {
    const world = await seeded(UNIT, HERE);
    const there = { unit: 'a1', epoch: 3, writer: 'B', mode: 'database', renewals: 0, grantedMs: 0 } as const;
    world.units = [{ ...there, transition: {} as never }];
    await world.keepers.A.followUnits();
    expect([texts(world), world.record.revision]).toEqual([[HERE, HERE], 1]);
    world.units = [there];
    await Promise.all([world.keepers.A.followUnits(), world.keepers.B.followUnits()]);
    await world.keepers.A.followUnits();
    expect([texts(world), world.record.revision]).toEqual([[THERE, THERE], 2]);
  });

  test('that is moved is asked for by name, and what it reached cannot be refused', async () => {
    const world = await seeded(UNIT, HERE);
    const asked: unknown[] = [];
    world.requestUnit = async (...request) => {
      asked.push(request);
      return { accepted: true };
    };
    world.turn('A', THERE);
    await world.keepers.A.look(UNIT, 'A');
    expect(asked).toEqual([['a1', { writer: 'B', mode: 'database' }, 'an operator in region A']]);
    world.requestUnit = async () => ({ accepted: false, reason: 'Nobody is asked.' });
    const reached = { writer: 'A', mode: 'read-only' } as const;
    world.units = [{ unit: 'a1', epoch: 3, renewals: 0, grantedMs: 0, ...reached }];
    const because = 'Its promotion failed.';
    await world.keepers.B.reached('a1', { actor: 'failover', because });
    expect(texts(world)).toEqual([JSON.stringify(reached), JSON.stringify(reached)]);
    expect(world.record.revision).toBe(3);
  });

  test('race 21: that has got somewhere is recorded as it stands by then, for whoever tells so may have slept', async () => {
    const world = await seeded(UNIT, HERE);
    const told = { actor: 'failover', because: 'Unit a1 has got there.' };
    const here = { unit: 'a1', epoch: 4, writer: 'A', mode: 'database', renewals: 0, grantedMs: 0 } as const;
    // It got there, has been sent back meanwhile, and is on its way.
    for (const asked of [THERE, HERE]) {
      world.turn('A', asked);
      await world.keepers.A.look(UNIT, 'A');
    }
    world.units = [{ ...here, writer: 'B', transition: {} as never }];
    await world.keepers.B.reached('a1', told);
    expect([texts(world), world.record.revision]).toEqual([[HERE, HERE], 3]);
    world.units = [here];
    await world.keepers.B.reached('a1', told);
    expect([texts(world), world.record.revision]).toEqual([[HERE, HERE], 3]);
  });
});

describe('a reminder', () => {
  const TEXT = '{"writer":"B","mode":"database"}';
  const hash = hashOf(TEXT);
  const seen = { version: 3, hash, modifiedAtMs: 0 };
  const recordWith = (store: StoreRecord): SwitchRecord => ({
    ...{ revision: 2, text: TEXT, acceptedAt: '', actor: 'an operator', acceptedInStep: 1, untold: [] },
    stores: { A: {}, B: store },
  });
  const isHeard = (store: StoreRecord, parameter = { text: TEXT, version: 4, modifiedAtMs: 1 }) =>
    isReminder(recordWith(store), { region: 'B', parameter });

  test('is a newer version of what stands', () => {
    expect(isHeard({ seen })).toBe(true);
    expect(isHeard({ seen }, { text: TEXT, version: 3, modifiedAtMs: 0 })).toBe(false);
    expect(isHeard({ seen }, { text: '{"writer":"A"}', version: 4, modifiedAtMs: 1 })).toBe(false);
    expect(isHeard({ seen: { ...seen, hash: 'another' } })).toBe(false);
  });

  test('race 45: is no copy that the machine may have put', () => {
    const intent = { revision: 2, announcedAtMs: 0 };
    expect(isHeard({ seen, intent })).toBe(false);
  });

  test('a put that something has come over before it was answered holds up no other', () => {
    const over = { text: '{"writer":"A","mode":"database"}', version: 4, modifiedAtMs: 1 };
    const came = { version: 4, hash: hashOf(over.text), modifiedAtMs: 1 };
    const record = recordWith({ seen: came, intent: { revision: 2, announcedAtMs: 0 } });
    const puts = (from: SwitchRecord) => look(from, { region: 'B', parameter: over }, 1).puts;
    expect(puts(record)).toEqual([]);
    expect(puts(landed(record, { region: 'B', hash, version: 3 }, 1).record)).toEqual(['B']);
  });
});

test('race 24: what a controller turns it turns only while failover/auto is on at that very step, however late it comes', async () => {
  const name = 'search/order';
  const world = await seeded(name, '["order","standby"]');
  const turnAuto = (value: string) => {
    const { step, records } = world.book;
    world.book = { step: step + 1, records: { ...records, 'failover/auto': seededRecord(value, step + 1) } };
  };
  const onlyIf = { name: 'failover/auto', value: 'on' };
  const order = () => world.keepers.A.order(name, ['standby'], { actor: 'the controller', because: 'A test.', onlyIf });
  turnAuto('on');
  let isTurned = false;
  world.step = async (label) => {
    if (label !== 'change the book' || isTurned) return;
    isTurned = true;
    turnAuto('off');
  };
  expect(await order()).toEqual({ accepted: false, reasons: ['failover/auto is not on any more.'] });
  expect([texts(world)[0], world.record.revision]).toEqual(['["order","standby"]', 1]);
  turnAuto('on');
  expect(await order()).toMatchObject({ accepted: true });
});
