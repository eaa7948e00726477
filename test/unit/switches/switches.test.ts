import {
  type Decisions,
  type SwitchBook,
  seededRecord,
  type Transition,
  type TransitionStep,
  type UnitDecision,
} from '../../../lambdas/arbiter';
import { compileSnapshot, readSnapshot, type Snapshot, Switches } from '../../../lambdas/switches';

const UNIT: UnitDecision = { unit: 'a1', epoch: 5, writer: 'A', mode: 'database', renewals: 0, grantedMs: 0 };
const MOVING: UnitDecision = { ...UNIT, epoch: 6, mode: 'read-only' };
const snapshotOf = (units: readonly UnitDecision[], open = [{ unit: 'a1', weight: 1 }], step = 0) =>
  compileSnapshot([{ name: 'ids/open', value: open }], units, step);

/** What an environment's peers say: the snapshot in its cache and the decisions of the arbiter. */
function environment() {
  const peers = {
    nowMs: 0,
    /** What the wall clock has gone on by itself, while the environment was frozen. */
    frozenMs: 0,
    stored: undefined as Snapshot | undefined,
    isStoreAway: false,
    decided: [UNIT] as readonly UnitDecision[],
    isArbiterAway: false,
    looks: 0,
    reads: 0,
    put: undefined as string | undefined,
    book: { step: 0, records: {} } as SwitchBook,
    callers: 0,
  };
  const decisions = {
    units: async () => {
      peers.reads += 1;
      if (peers.isArbiterAway) throw new Error('away');
      return peers.decided;
    },
    switchBook: async () => peers.book,
    callersRevision: async () => peers.callers,
    unit: async (name: string) => peers.decided.find(({ unit }) => unit === name),
  } as unknown as Decisions;
  const store = {
    get: async () => {
      peers.looks += 1;
      if (peers.isStoreAway) throw new Error('away');
      return peers.stored === undefined ? undefined : JSON.stringify(peers.stored);
    },
    put: async (text: string) => {
      peers.put = text;
    },
  };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const clock = { nowMs: () => peers.nowMs + peers.frozenMs, monotonicMs: () => peers.nowMs };
  return { peers, switches: new Switches({ decisions, store, clock, log }) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const epochOf = async (switches: Switches) => (await switches.current()).units.a1?.epoch;

test('an environment that was frozen looks before it serves, also where its monotonic clock stood still', async () => {
  const { peers, switches } = environment();
  peers.stored = snapshotOf([UNIT]);
  await epochOf(switches);
  peers.stored = snapshotOf([{ ...UNIT, epoch: 6 }]);
  peers.frozenMs = 60_000;
  expect(switches.current()).toBeInstanceOf(Promise);
  expect(await epochOf(switches)).toBe(6);
  expect(switches.current()).not.toBeInstanceOf(Promise);
  // A wall clock that steps back makes nothing young.
  peers.frozenMs = 0;
  peers.nowMs += 5000;
  expect(switches.current()).toBeInstanceOf(Promise);
});

test('within a second a snapshot is not looked at again, after it beside the request, after four before it', async () => {
  const { peers, switches } = environment();
  peers.stored = snapshotOf([UNIT]);
  expect(await epochOf(switches)).toBe(5);
  peers.stored = snapshotOf([{ ...UNIT, epoch: 6 }]);
  peers.nowMs = 999;
  expect(switches.current()).not.toBeInstanceOf(Promise);
  await settled();
  expect(peers.looks).toBe(1);
  peers.nowMs = 1000;
  expect((switches.current() as Snapshot).units.a1?.epoch).toBe(5);
  await settled();
  expect([peers.looks, await epochOf(switches)]).toEqual([2, 6]);
  peers.stored = snapshotOf([{ ...UNIT, epoch: 7 }]);
  peers.nowMs = 4999;
  expect(switches.current()).not.toBeInstanceOf(Promise);
  await settled();
  peers.stored = snapshotOf([{ ...UNIT, epoch: 8 }]);
  peers.nowMs = 8999;
  expect(switches.current()).toBeInstanceOf(Promise);
  expect(await epochOf(switches)).toBe(8);
});

test('how often the registry of callers was changed is compiled, and never taken back', async () => {
  const { peers, switches } = environment();
  peers.callers = 3;
  await switches.publish();
  expect(readSnapshot(peers.put ?? '').callers).toBe(3);
  peers.callers = 2;
  await switches.publish();
  expect(readSnapshot(peers.put ?? '').callers).toBe(3);
  peers.stored = compileSnapshot([], [UNIT], 9, 1);
  expect((await switches.current()).callers).toBe(3);
});

test('many requests share one look', async () => {
  const { peers, switches } = environment();
  peers.stored = snapshotOf([UNIT]);
  await Promise.all(Array.from({ length: 10 }, () => switches.current()));
  expect(peers.looks).toBe(1);
});

test.each(['is away', 'knows nothing'])(
  'where the store %s, decisions are read, at most once a minute',
  async (how) => {
    const { peers, switches } = environment();
    peers.isStoreAway = how === 'is away';
    expect(await epochOf(switches)).toBe(5);
    peers.decided = [{ ...UNIT, epoch: 6 }];
    peers.nowMs = 59_999;
    expect([await epochOf(switches), peers.reads]).toEqual([5, 1]);
    peers.nowMs = 60_000 + 5000;
    expect([await epochOf(switches), peers.reads]).toEqual([6, 2]);
  },
);

test('without both the last safe value stands; where there is none, it is UNAVAILABLE', async () => {
  const { peers, switches } = environment();
  peers.stored = snapshotOf([UNIT]);
  await switches.current();
  peers.isStoreAway = true;
  peers.isArbiterAway = true;
  peers.nowMs = 100_000;
  expect(await epochOf(switches)).toBe(5);
  const { peers: others, switches: fresh } = environment();
  others.isStoreAway = true;
  others.isArbiterAway = true;
  await expect(fresh.current()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('race 21: a unit never goes back to an older epoch, whoever tells of it late; everything else follows what arrived last', async () => {
  const { peers, switches } = environment();
  peers.stored = snapshotOf([UNIT]);
  await switches.current();
  peers.decided = [{ ...UNIT, epoch: 6, writer: 'B' }];
  expect(await switches.unitNow('a1')).toMatchObject({ epoch: 6, writer: 'B' });
  expect((await switches.current()).units.a1).toEqual({ epoch: 6, writer: 'B', mode: 'database' });
  peers.stored = snapshotOf([UNIT], []);
  peers.nowMs = 6000;
  const late = await switches.current();
  expect([late.units.a1?.epoch, late.open]).toEqual([6, []]);
  peers.decided = [UNIT];
  await switches.unitNow('a1');
  expect(await epochOf(switches)).toBe(6);
});

test('a unit that a late snapshot does not name yet is kept; one of the same epoch is followed', async () => {
  const { peers, switches } = environment();
  peers.stored = snapshotOf([UNIT]);
  await switches.current();
  peers.stored = snapshotOf([]);
  peers.nowMs = 6000;
  expect(await epochOf(switches)).toBe(5);
  peers.stored = snapshotOf([{ ...UNIT, mode: 'read-only' }]);
  peers.nowMs = 12_000;
  expect((await switches.current()).units.a1?.mode).toBe('read-only');
});

test('race 21: within an epoch a unit never goes back to an earlier step, whoever tells of it late', async () => {
  const { peers, switches } = environment();
  const at = (step: TransitionStep): UnitDecision => ({ ...MOVING, transition: { step } as Transition });
  const order = [at('silence'), at('fence'), { ...UNIT, epoch: 6, writer: 'B' } as const];
  for (const [place, decision] of order.entries()) {
    peers.decided = [decision];
    peers.stored = snapshotOf([decision]);
    peers.nowMs += 6000;
    const { a1 } = (await switches.current()).units;
    for (const late of order.slice(0, place)) {
      peers.stored = snapshotOf([late]);
      peers.nowMs += 6000;
      expect((await switches.current()).units.a1).toEqual(a1);
      peers.decided = [late];
      await switches.unitNow('a1');
      expect((await switches.current()).units.a1).toEqual(a1);
    }
    expect(a1?.writer).toBe(decision.writer);
    expect(a1?.mode).toBe(decision.mode);
  }
});

test('race 21: a switch never goes back because an older snapshot arrives late', async () => {
  const { peers, switches } = environment();
  peers.stored = snapshotOf([UNIT], [{ unit: 'b1', weight: 1 }], 8);
  await switches.current();
  peers.stored = snapshotOf([{ ...UNIT, epoch: 6 }], [], 7);
  peers.nowMs = 6000;
  expect(await switches.current()).toMatchObject({ open: [{ unit: 'b1' }], step: 8, units: { a1: { epoch: 6 } } });
  peers.stored = snapshotOf([UNIT], [], 9);
  peers.nowMs = 12_000;
  expect(await switches.current()).toMatchObject({ open: [], step: 9, units: { a1: { epoch: 6 } } });
});

test('a snapshot that was compiled before a switch existed says its default', () => {
  const { regions: _, sync: __, ...older } = snapshotOf([UNIT], [], 4);
  expect(readSnapshot(JSON.stringify(older))).toEqual(snapshotOf([UNIT], [], 4));
});

test('a unit that was not founded is UNAVAILABLE', async () => {
  await expect(environment().switches.unitNow('b1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('what is published is what was decided, or newer where this environment knows more', async () => {
  const { peers, switches } = environment();
  peers.stored = snapshotOf([{ ...UNIT, epoch: 8 }]);
  await switches.current();
  await switches.publish();
  expect((JSON.parse(peers.put ?? '') as Snapshot).units.a1?.epoch).toBe(8);
});

test('what is published holds the accepted values of one step of the book', async () => {
  const { peers, switches } = environment();
  peers.book = {
    step: 5,
    records: { 'regions/B': seededRecord('draining', 5), 'failover/auto': seededRecord('on', 5) },
  };
  await switches.publish();
  const { regions, auto, sync, traffic, step } = JSON.parse(peers.put ?? '') as Snapshot;
  expect({ regions, auto, step }).toEqual({ regions: { A: 'active', B: 'draining' }, auto: 'on', step: 5 });
  expect([sync['invalidate-A'], traffic]).toEqual(['on', { rules: [], deny: [] }]);
});

test('a switch that nobody turned has its default, and one that was accepted its value', () => {
  const compiled = compileSnapshot(
    [
      { name: 'search/order', value: ['standby'] },
      { name: 'cache/B', value: { mode: 'off', generation: 3 } },
    ],
    [UNIT],
  );
  expect(compiled.search).toEqual({ order: ['standby'], marketing: ['marketing'], other: ['standby', 'marketing'] });
  expect(compiled.caches).toEqual({ A: { mode: 'on', generation: 1 }, B: { mode: 'off', generation: 3 } });
  expect(compiled.open).toEqual(expect.arrayContaining([{ unit: 'a1', weight: 1 }]));
});
