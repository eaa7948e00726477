import type { Arbiter, Transition, UnitDecision } from '../../../lambdas/arbiter';
import type { Clock, Log } from '../../../lambdas/core';
import { knownToBeIll, lookAtWorks } from '../../../lambdas/failover';
import { type Act, control, type Hands, type Reach, RenewalWatch } from '../../../lambdas/failover/controller';
import { ILL_AFTER_LOOKS, LOOK_EVERY_MS, WELL_AFTER_LOOKS } from '../../../lambdas/failover/controller/memory';
import { STILL_AFTER_LOOKS } from '../../../lambdas/failover/controller/plan';
import { REGIONS, type Region, UNITS } from '../../../topology';
import { type ArbiterTables, startArbiterTables } from '../arbiter/tables';

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const ALL_REACHED: Reach = {
  databases: { a1: { A: true, B: true }, b1: { A: true, B: true } },
  caches: { A: true, B: true },
  domains: { order: true, standby: true, marketing: true },
};
const WITHOUT_A1: Reach = { ...ALL_REACHED, databases: { ...ALL_REACHED.databases, a1: { A: false, B: true } } };

let tables: ArbiterTables;
let arbiter: Arbiter;
let nowMs = 1_000_000;
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };

beforeAll(async () => {
  tables = await startArbiterTables();
  arbiter = tables.arbiter();
  for (const { name, home } of UNITS) await arbiter.decisions.foundUnit(name, home);
  await arbiter.decisions.seedSwitch('failover/auto', 'on');
});
afterAll(() => tables.stop());

/** What controllers did, in a region; `hands` may fail. */
function controllerOf(region: Region, log = silent) {
  const done: Act[] = [];
  const note = async (act: Act) => void done.push(act);
  const hands: Hands = { move: note, turn: note, readmit: note, carryOn: note };
  const underWay = (units: readonly UnitDecision[]) => lookAtWorks(arbiter, units);
  const parts = { arbiter, region, clock, log, hands, underWay, renewals: new RenewalWatch() };
  return { done, look: () => control(parts) };
}

async function report(reach: Reach, ofB: Partial<Reach> = {}): Promise<void> {
  for (const region of REGIONS)
    await arbiter.observations.report(region, region === 'B' ? { ...reach, ...ofB } : reach);
}

test('many looks at once are one look, and act once; who only repeats a look does nothing', async () => {
  const inB = controllerOf('B');
  await report(ALL_REACHED);
  await inB.look();
  for (let time = 1; time <= ILL_AFTER_LOOKS; time += 1) {
    expect(inB.done).toEqual([]);
    nowMs += LOOK_EVERY_MS;
    await report(WITHOUT_A1);
    await Promise.all(Array.from({ length: 8 }, () => inB.look()));
  }
  expect(inB.done).toEqual([{ kind: 'move', unit: 'a1', to: 'B', because: expect.stringContaining('a1') }]);
});

test('each region remembers for itself, and the one that a unit stays in does not move it', async () => {
  const inA = controllerOf('A');
  for (let time = 0; time < 2 * ILL_AFTER_LOOKS; time += 1) {
    nowMs += LOOK_EVERY_MS;
    await report(WITHOUT_A1);
    await inA.look();
  }
  expect(inA.done).toEqual([]);
});

test('what it may not do it says once in the audit, with the reason', async () => {
  const gone: Reach = { ...ALL_REACHED, databases: { ...ALL_REACHED.databases, b1: { A: false, B: false } } };
  const inA = controllerOf('A');
  for (let time = 0; time < 2 * ILL_AFTER_LOOKS; time += 1) {
    nowMs += LOOK_EVERY_MS;
    await report(gone);
    await inA.look();
  }
  expect(inA.done).toEqual([]);
  const said = await arbiter.audit.list('unit/b1', { limit: 10 });
  expect(said).toHaveLength(1);
  expect(said[0]).toMatchObject({ actor: 'the controller of region A', outcome: 'noted' });
  expect(said[0]?.reason).toContain('no region reaches the writer of b1');
});

test('a unit whose copy is too far behind is left to people: the audit and the log of errors say so once', async () => {
  const errors: string[] = [];
  const log: Log = { ...silent, error: (message) => void errors.push(message) };
  const look = async (reach: Reach, times: number) => {
    const inB = controllerOf('B', log);
    for (let time = 0; time < times; time += 1) {
      nowMs += LOOK_EVERY_MS;
      await report(reach, { heartbeatAgesMs: { a1: 600_000 } });
      await inB.look();
    }
    return inB.done;
  };
  const said = async () =>
    (await arbiter.audit.list('unit/a1', { limit: 10 })).filter(({ action }) => action === 'holds back');
  await look(ALL_REACHED, WELL_AFTER_LOOKS);
  errors.length = 0;
  const before = await said();
  expect(await look(WITHOUT_A1, 2 * ILL_AFTER_LOOKS)).toEqual([]);
  const [newest, ...others] = await said();
  expect(others).toEqual(before);
  expect(newest?.reason).toContain('its copy in region B is more than 480 s behind');
  expect(errors).toEqual(['a unit is left to people: its copy is too far behind']);
});

test('what another version wrote down is no memory', async () => {
  const { revision } = await arbiter.observations.memory('A');
  const memory = { memory: { standings: { 'domain/other': { isWell: false } } }, attempts: {} };
  expect(await arbiter.observations.remember('A', { revision, memory })).toBe(true);
  expect(await arbiter.observations.remember('A', { revision, memory })).toBe(false);
  nowMs += LOOK_EVERY_MS;
  await controllerOf('A').look();
  const stored = (await arbiter.observations.memory('A')).memory as { memory: { lookedAtMs: number } };
  expect(stored.memory.lookedAtMs).toBe(nowMs);
});

test('a transition at which nobody is seen is carried on, whatever failover/auto says, and one that goes on is left alone', async () => {
  const seen = await arbiter.decisions.unit('b1');
  if (seen === undefined) throw new Error('there is no unit b1');
  const transition: Transition = {
    kind: 'switchover',
    from: 'B',
    to: 'A',
    mode: 'database',
    replays: false,
    step: 'promote',
    grantedMs: 0,
    waitedMs: 0,
    actor: 'an operator',
    by: 'nobody',
    sinceMs: nowMs,
  };
  const moving = { ...seen, epoch: await arbiter.decisions.drawEpoch(), mode: 'read-only', transition } as const;
  expect(await arbiter.decisions.replaceUnit(seen, moving)).toBe(true);
  const [accepted] = (await arbiter.decisions.acceptedSwitches()).filter(({ name }) => name === 'failover/auto');
  expect(accepted?.value).toBe('on');

  const inA = controllerOf('A');
  const looks = async (times: number, isCarried: boolean) => {
    for (let time = 0; time < times; time += 1) {
      nowMs += LOOK_EVERY_MS;
      if (isCarried) await arbiter.observations.showLife('b1');
      await report(ALL_REACHED);
      await inA.look();
    }
  };
  await looks(3 * STILL_AFTER_LOOKS, true);
  expect(inA.done).toEqual([]);
  await looks(STILL_AFTER_LOOKS, false);
  expect(inA.done).toEqual([{ kind: 'carry-on', subject: 'unit/b1', because: expect.any(String) }]);
});

test('that a region was lost is known in both, also in the one that was lost and saw nothing', async () => {
  const lost: Reach = {
    databases: { a1: { A: false, B: true }, b1: { A: false, B: true } },
    caches: { A: false, B: true },
    domains: { ...ALL_REACHED.domains, order: false },
  };
  const inB = controllerOf('B');
  for (let time = 0; time < 3 * ILL_AFTER_LOOKS; time += 1) {
    nowMs += LOOK_EVERY_MS;
    await arbiter.observations.report('B', lost);
    await inB.look();
  }
  expect((await knownToBeIll(arbiter, 'B')).regions).toEqual(['A']);
  for (const region of REGIONS) expect((await knownToBeIll(arbiter, region)).lostAtMs.A).toBe(nowMs);
  expect((await knownToBeIll(arbiter, 'A')).regions).toEqual([]);
});
