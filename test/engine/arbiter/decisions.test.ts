import { randomUUID } from 'node:crypto';
import { type Decisions, seededRecord } from '../../../lambdas/arbiter';
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

test('a renewal counts and records what was granted, until the epoch or the writer is another', async () => {
  const unit = newUnit();
  const { epoch } = await here.foundUnit(unit, 'A');
  expect(await here.renew(unit, { epoch, writer: 'A' }, 10_000)).toBe(true);
  expect(await here.renew(unit, { epoch, writer: 'A' }, 3_600_000)).toBe(true);
  expect(await here.unit(unit)).toMatchObject({ epoch, renewals: 2, grantedMs: 3_600_000 });
  expect(await here.renew(unit, { epoch, writer: 'B' }, 10_000)).toBe(false);
  await tables.setNumbers('decisions', `unit#${unit}`, { epoch: epoch + 100 });
  expect(await here.renew(unit, { epoch, writer: 'A' }, 10_000)).toBe(false);
  expect(await here.unit(unit)).toMatchObject({ epoch: epoch + 100, renewals: 2, grantedMs: 3_600_000 });
  expect(await here.renew('unknown', { epoch, writer: 'A' }, 10_000)).toBe(false);
  expect(await here.unit('unknown')).toBeUndefined();
});

test('renewals at the same time are all counted', async () => {
  const unit = newUnit();
  const { epoch } = await here.foundUnit(unit, 'A');
  await Promise.all([here, there, here, there].map((side) => side.renew(unit, { epoch, writer: 'A' }, 10_000)));
  expect((await here.unit(unit))?.renewals).toBe(4);
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
