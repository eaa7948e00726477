import { randomUUID } from 'node:crypto';
import { type Decisions, seededRecord, type Transition } from '../../../lambdas/arbiter';
import { UNITS } from '../../../topology';
import { type ArbiterTables, startArbiterTables } from './tables';

let tables: ArbiterTables;
let here: Decisions;
let there: Decisions;

beforeAll(async () => {
  tables = await startArbiterTables();
  here = tables.arbiter().decisions;
  there = tables.arbiter().decisions;
});
afterAll(() => tables.stop());

const newUnit = () => `unit-${randomUUID()}`;

const BEGUN: Transition = {
  kind: 'switchover',
  from: 'A',
  to: 'B',
  mode: 'database',
  replays: false,
  step: 'silence',
  grantedMs: 10_000,
  waitedMs: 0,
  actor: 'an operator',
  by: 'A/1',
  sinceMs: 1_800_000_000_000,
};

test('a unit that is founded from two sides at once has one epoch and one writer', async () => {
  const unit = newUnit();
  const founded = await Promise.all(
    Array.from({ length: 8 }, (_, side) => (side % 2 === 0 ? here.foundUnit(unit, 'A') : there.foundUnit(unit, 'B'))),
  );
  const standing = await here.unit(unit);
  expect(standing).toMatchObject({ unit, mode: 'database', renewals: 0, grantedMs: 0 });
  for (const decision of founded) expect(decision).toEqual(standing);
});

test('units that are founded at once have epochs of their own', async () => {
  const units = await Promise.all(
    Array.from({ length: 12 }, (_, side) => (side % 2 === 0 ? here : there).foundUnit(newUnit(), 'A')),
  );
  expect(new Set(units.map((unit) => unit.epoch)).size).toBe(units.length);
  for (const unit of units) expect(unit.epoch).toBeGreaterThanOrEqual(1);
});

test('the units of the topology are read together, those that have a decision', async () => {
  expect(await here.units()).toEqual([]);
  const founded = [];
  for (const unit of UNITS) founded.push(await here.foundUnit(unit.name, unit.home));
  expect(await there.units()).toEqual(founded);
  expect(await there.unit('unknown')).toBeUndefined();
});

test('a renewal counts and records what was granted, until the epoch, the writer or the mode is another', async () => {
  const unit = newUnit();
  const founded = await here.foundUnit(unit, 'A');
  const { epoch } = founded;
  const seen = { epoch, writer: 'A', renewals: 0 } as const;
  expect(await here.renew(unit, seen, 10_000)).toBe(true);
  expect(await here.renew(unit, seen, 3_600_000)).toBe(true);
  expect(await here.unit(unit)).toMatchObject({ epoch, renewals: 2, grantedMs: 3_600_000 });
  expect(await here.renew(unit, { ...seen, writer: 'B' }, 3_600_000)).toBe(false);
  await tables.setNumbers('decisions', `unit#${unit}`, { epoch: epoch + 100 });
  expect(await here.renew(unit, seen, 3_600_000)).toBe(false);
  const standing = { ...founded, epoch: epoch + 100, renewals: 2, grantedMs: 3_600_000 };
  expect(await here.unit(unit)).toEqual(standing);
  expect(await here.replaceUnit(standing, { ...standing, mode: 'read-only' })).toBe(true);
  expect(await here.renew(unit, { ...seen, epoch: epoch + 100 }, 3_600_000)).toBe(false);
  expect(await here.unit(unit)).toEqual({ ...standing, mode: 'read-only' });
  expect(await here.renew('unknown', seen, 10_000)).toBe(false);
  expect(await here.unit('unknown')).toBeUndefined();
});

test('what is recorded becomes less only by one who has seen every renewal', async () => {
  const unit = newUnit();
  const { epoch } = await here.foundUnit(unit, 'A');
  const seen = { epoch, writer: 'A', renewals: 0 } as const;
  expect(await there.renew(unit, seen, 3_600_000)).toBe(true);
  expect(await here.renew(unit, seen, 10_000)).toBe(false);
  expect(await here.renew(unit, { ...seen, renewals: 1 }, 10_000)).toBe(true);
  expect(await here.unit(unit)).toMatchObject({ renewals: 2, grantedMs: 10_000 });
});

test('renewals at the same time are all counted', async () => {
  const unit = newUnit();
  const { epoch } = await here.foundUnit(unit, 'A');
  const seen = { epoch, writer: 'A', renewals: 0 } as const;
  await Promise.all([here, there, here, there].map((side) => side.renew(unit, seen, 10_000)));
  expect((await here.unit(unit))?.renewals).toBe(4);
});

test('of many who take an epoch for a unit one succeeds, and epochs only rise', async () => {
  const unit = newUnit();
  const founded = await here.foundUnit(unit, 'A');
  const epochs = await Promise.all([here, there, here, there, here, there].map((side) => side.drawEpoch()));
  expect(new Set(epochs).size).toBe(epochs.length);
  for (const epoch of epochs) expect(epoch).toBeGreaterThan(founded.epoch);
  const taken = await Promise.all(
    epochs.map((epoch, at) =>
      (at % 2 === 0 ? here : there).replaceUnit(founded, { ...founded, epoch, mode: 'read-only', transition: BEGUN }),
    ),
  );
  expect(taken.filter(Boolean)).toHaveLength(1);
  const epoch = epochs[taken.indexOf(true)];
  expect(await here.unit(unit)).toEqual({ ...founded, epoch, mode: 'read-only', transition: BEGUN });
});

test('an epoch is not taken once somebody has renewed, and a step is taken once', async () => {
  const unit = newUnit();
  const founded = await here.foundUnit(unit, 'A');
  await there.renew(unit, { epoch: founded.epoch, writer: 'A', renewals: 0 }, 10_000);
  const begun = { ...founded, epoch: await here.drawEpoch(), mode: 'read-only', transition: BEGUN } as const;
  expect(await here.replaceUnit(founded, begun)).toBe(false);
  const renewed = { ...founded, renewals: 1, grantedMs: 10_000 };
  expect(await here.unit(unit)).toEqual(renewed);
  expect(await here.replaceUnit(renewed, begun)).toBe(true);
  const promoted = (by: string) => ({ ...begun, transition: { ...BEGUN, step: 'promote', by } }) as const;
  expect(await here.replaceUnit(begun, promoted('A/1'))).toBe(true);
  expect(await there.replaceUnit(begun, promoted('B/1'))).toBe(false);
  // The answer was lost, and the same is asked for again.
  expect(await here.replaceUnit(begun, promoted('A/1'))).toBe(true);
  const { transition: _, ...opened } = { ...promoted('A/1'), writer: 'B', mode: 'database' } as const;
  expect(await there.replaceUnit(promoted('A/1'), opened)).toBe(true);
  expect(await here.replaceUnit(promoted('A/1'), opened)).toBe(true);
  expect(await here.unit(unit)).toEqual(opened);
  // Somebody who was frozen meanwhile still holds what stood at first.
  expect(await there.replaceUnit(founded, { ...begun, transition: { ...BEGUN, by: 'B/2' } })).toBe(false);
  expect(await here.unit(unit)).toEqual(opened);
});

test('a switch is seeded once, with any JSON value', async () => {
  expect(await here.acceptedSwitches()).toEqual([]);
  await Promise.all([here.seedSwitch('failover/auto', 'off'), there.seedSwitch('failover/auto', 'off')]);
  await there.seedSwitch('failover/auto', 'on');
  expect(await here.acceptedSwitch('failover/auto')).toEqual({
    name: 'failover/auto',
    value: 'off',
    revision: 1,
    actor: 'the deployment',
  });
  await here.seedSwitch('ids/open', [{ unit: 'a1', weight: 1 }]);
  await here.seedSwitch('cache/A', { mode: 'on', generation: 1 });
  const all = await there.acceptedSwitches();
  expect(all.map((one) => one.name).sort()).toEqual(['cache/A', 'failover/auto', 'ids/open']);
  expect(all.find((one) => one.name === 'ids/open')?.value).toEqual([{ unit: 'a1', weight: 1 }]);
  expect(await here.acceptedSwitch('search/order')).toBeUndefined();
});

test('race 22: the book of switches goes on by one step at a time, whoever turns a page', async () => {
  // The first page of all is turned under another condition.
  await here.seedSwitch('failover/auto', 'off');
  const book = await here.switchBook();
  const changed = { ...book.records, 'regions/A': seededRecord('draining', book.step + 1) };
  const others = { ...book.records, 'regions/B': seededRecord('draining', book.step + 1) };
  const outcomes = await Promise.all([here.changeBook(book, changed), there.changeBook(book, others)]);
  expect(outcomes.filter((changedIt) => changedIt)).toHaveLength(1);
  const standing = await there.switchBook();
  expect(standing).toEqual({ step: book.step + 1, records: outcomes[0] ? changed : others });
  expect(await here.changeBook(book, outcomes[0] ? others : changed)).toBe(false);
  expect((await here.switchBook()).step).toBe(book.step + 1);
});

test('who asks again whether his own page stands, hears that it does', async () => {
  const book = await here.switchBook();
  const records = { ...book.records, 'cache/A': seededRecord({ mode: 'off', generation: 2 }, book.step + 1) };
  expect(await here.changeBook(book, records)).toBe(true);
  // As an attempt whose answer was lost, and which is made again.
  expect(await here.changeBook(book, records)).toBe(true);
  expect((await here.switchBook()).step).toBe(book.step + 1);
});

test('what is written down of a domain is changed only by who has read it as it is', async () => {
  const decisions = here;
  const first = await decisions.domain('order');
  expect(first).toEqual({ revision: 0, state: undefined });
  expect(await decisions.changeDomain('order', first, { step: 'out' })).toBe(true);
  // The same change once more is one whose answer was lost.
  expect(await decisions.changeDomain('order', first, { step: 'out' })).toBe(true);
  expect(await decisions.changeDomain('order', first, { step: 'in' })).toBe(false);
  const second = await decisions.domain('order');
  expect(second).toEqual({ revision: 1, state: { step: 'out' } });
  expect(await decisions.changeDomain('order', second, { step: 'opening' })).toBe(true);
  expect(await decisions.changeDomain('order', second, { step: 'in' })).toBe(false);
  expect(await decisions.domain('standby')).toEqual(first);
});
