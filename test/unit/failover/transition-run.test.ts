import type { UnitDecision } from '../../../lambdas/arbiter';
import { decisionOf, unitKey } from '../../../lambdas/arbiter/unit-decision';
import { UNTOLD_WAIT_MS } from '../../../lambdas/failover';
import type { Region } from '../../../topology';
import { System, UNIT } from './model/system';

const RUN_MS = 60_000;

/** Has a unit moved from B to A, and begins nothing else: no heartbeats, no requests but this. */
async function moving({ hidden = false } = {}) {
  const system = new System(1, { isCalm: true });
  const { world, network } = system;
  if (hidden) network.cut('A', 'database B', Number.POSITIVE_INFINITY);
  await within(system, system.beat(system.process('B')));
  const request = { writer: 'A', mode: 'database' } as const;
  expect(
    await within(
      system,
      system.request(system.process('A'), request, () => undefined),
    ),
  ).toEqual({ accepted: true });
  await world.runUntil(world.nowMs + 1000);
  return system;
}

/** What a promise becomes once the time that it needs has passed. */
async function within<T>(system: System, promise: Promise<T>): Promise<T | undefined> {
  let value: T | undefined;
  let isSettled = false;
  void promise.then((settled) => {
    value = settled;
    isSettled = true;
  });
  const endsAtMs = system.world.nowMs + 2 * RUN_MS;
  while (!isSettled && system.world.nowMs < endsAtMs) await system.world.runUntil(system.world.nowMs + 100);
  return value;
}

async function until(system: System, isSo: () => boolean, lookEveryMs = 100): Promise<void> {
  const endsAtMs = system.world.nowMs + 2 * RUN_MS;
  while (!isSo()) {
    if (system.world.nowMs > endsAtMs) throw new Error('it never came to that');
    await system.world.runUntil(system.world.nowMs + lookEveryMs);
  }
}

const isSilent = (system: System) => () => standing(system).transition?.step !== 'silence';

function standing({ table }: System): UnitDecision {
  return decisionOf(table.get(unitKey(UNIT)) ?? {});
}

function expectOpenIn(system: System, region: Region): void {
  const { epoch, writer, mode, transition } = standing(system);
  expect([writer, mode, transition]).toEqual([region, 'database', undefined]);
  const server = system.cluster.servers[region];
  expect([server.role, server.rows.fence, server.rows.lease.epoch]).toEqual(['writer', epoch, epoch]);
  expect(server.rows.lease.until).toBeGreaterThan(server.clockMs);
}

test('a run brings a unit to its new writer, and grants it a lease at once', async () => {
  const system = await moving();
  expect(standing(system)).toMatchObject({ writer: 'B', mode: 'read-only', transition: { kind: 'switchover' } });
  expect(await within(system, system.run(system.process('A'), RUN_MS))).toBe(true);
  expectOpenIn(system, 'A');
  expect(system.cluster.promotions).toBe(1);
});

test.each([
  ['switchover', false],
  ['failover', true],
] as const)('race 28: a %s goes on wherever its run was killed, and its unit is opened once', async (_, hidden) => {
  let calls = 0;
  for (let isFinished: boolean | undefined; isFinished === undefined && calls < 100; calls++) {
    const system = await moving({ hidden });
    const process = system.process('A');
    process.freezeAfter(calls, Number.POSITIVE_INFINITY);
    isFinished = await within(system, system.run(process, RUN_MS));
    if (isFinished === undefined) expect(await within(system, system.run(system.process('A'), RUN_MS))).toBe(true);
    await within(system, system.beat(system.process('A')));
    expectOpenIn(system, 'A');
    expect(system.cluster.promotions).toBe(1);
  }
  // The last one was killed later than it needed to finish.
  expect([calls > 8, calls < 100]).toEqual([true, true]);
});

test('two runs of one transition promote once and open once', async () => {
  const system = await moving({ hidden: true });
  const runs = ['A', 'B'] as const;
  await within(system, Promise.all(runs.map((region) => system.run(system.process(region), RUN_MS))));
  expectOpenIn(system, 'A');
  expect(system.cluster.promotions).toBe(1);
});

test('an old writer that does not answer is waited for, as long as its lease may run and a second more', async () => {
  const system = await moving({ hidden: true });
  const begunAtMs = system.world.nowMs - 1000;
  const run = system.run(system.process('A'), RUN_MS);
  await until(system, isSilent(system));
  expect(system.world.nowMs - begunAtMs).toBeGreaterThanOrEqual(10_900);
  expect(system.world.nowMs - begunAtMs).toBeLessThan(16_000);
  await within(system, run);
  expectOpenIn(system, 'A');
});

test('race 20: a writer that may be held by hand is waited for, until one of the caches that were told says that it is not', async () => {
  const system = await moving({ hidden: true });
  system.caches = { A: undefined, B: 'held' };
  const run = system.run(system.process('A'), RUN_MS);
  await system.world.runUntil(system.world.nowMs + 30_000);
  expect(isSilent(system)()).toBe(false);
  system.caches = { A: undefined, B: 'free' };
  await within(system, run);
  expectOpenIn(system, 'A');
});

test('where no cache can be told, every hold has ended some seconds later', async () => {
  const system = await moving({ hidden: true });
  system.caches = { A: undefined, B: undefined };
  const begunAtMs = system.world.nowMs - 1000;
  const run = system.run(system.process('A'), RUN_MS);
  await until(system, isSilent(system));
  expect(system.world.nowMs - begunAtMs).toBeGreaterThanOrEqual(10_900 + UNTOLD_WAIT_MS);
  await within(system, run);
  expectOpenIn(system, 'A');
});

test('what a killed run has waited for is not waited for again', async () => {
  const system = await moving({ hidden: true });
  const killed = system.process('A');
  void system.run(killed, RUN_MS);
  await system.world.runUntil(system.world.nowMs + 9000);
  killed.isKilled = true;
  expect(standing(system).transition?.waitedMs).toBeGreaterThan(5000);
  const resumedAtMs = system.world.nowMs;
  const run = system.run(system.process('A'), RUN_MS);
  await until(system, isSilent(system));
  expect(system.world.nowMs - resumedAtMs).toBeLessThan(9000);
  await within(system, run);
});

test.each([
  ['once', 1],
  ['twice', 2],
])(
  'race 22: a run that slept when it had looked at the cluster %s moves nothing for an epoch that has passed',
  async (_, looks) => {
    const system = await moving();
    const sleeper = system.process('A');
    const slept = system.run(sleeper, RUN_MS);
    await until(system, () => standing(system).transition?.step === 'promote', 1);
    // Reading the decision, then describing the cluster, and once more before it is moved: with that answer it sleeps.
    sleeper.freezeAfter(looks, 30_000);
    const home = { writer: 'B', mode: 'database' } as const;
    expect(
      await within(
        system,
        system.request(system.process('B'), home, () => undefined),
      ),
    ).toEqual({ accepted: true });
    await within(system, system.run(system.process('B'), RUN_MS));
    expectOpenIn(system, 'B');
    await system.world.runUntil(system.world.nowMs + 40_000);
    await within(system, slept);
    expect(system.cluster.writer).toBe('B');
  },
);

test('requests of no operator are refused unless failover is automatic and nothing has renewed', async () => {
  const system = new System(1, { isCalm: true });
  await within(system, system.beat(system.process('B')));
  const { epoch, renewals } = standing(system);
  const ask = (automatic: 'automatic' | { epoch: number; renewals: number; sinceMs: number }) =>
    within(
      system,
      system.request(system.process('A'), { writer: 'A', mode: 'database' }, () => undefined, automatic),
    );
  for (const auto of ['off', 'dry-run']) {
    system.table.setSwitch('failover/auto', auto);
    for (const how of ['automatic' as const, { epoch, renewals, sinceMs: 0 }]) {
      expect(await ask(how)).toEqual({ accepted: false, reason: 'failover/auto is not on' });
    }
  }
  system.table.setSwitch('failover/auto', 'on');
  for (const late of [{ renewals: renewals - 1 }, { epoch: epoch - 1 }]) {
    const answer = await ask({ epoch, renewals, sinceMs: 0, ...late });
    expect(answer).toEqual({ accepted: false, reason: 'the lease of unit b1 has been renewed meanwhile' });
  }
  expect(await ask({ epoch, renewals, sinceMs: 0 })).toEqual({ accepted: true });
});

test('whoever slept when it had looked at a writer that did not answer looks again, and gives no writer up that answers', async () => {
  const system = new System(1, { isCalm: true });
  const { world, network } = system;
  await within(system, system.beat(system.process('B')));
  network.cut('A', 'database B', 3000);
  const sleeper = system.process('A');
  // It asks RDS and both servers; with the last of these answers it sleeps.
  sleeper.freezeAfter(2, 30_000);
  const asking = system.request(sleeper, { writer: 'A', mode: 'database' }, () => undefined);
  await world.runUntil(world.nowMs + 20_000);
  await within(system, system.beat(system.process('B')));
  expect(await within(system, asking)).toEqual({ accepted: true });
  expect(standing(system).transition).toMatchObject({ kind: 'switchover', to: 'A' });
});

test('what holds a transition up is told once for each reason, also where reasons take turns', async () => {
  const system = await moving({ hidden: true });
  let calls = 0;
  system.announceMove = async () => {
    calls += 1;
    throw new Error(calls % 2 === 0 ? 'one store does not answer' : 'another store does not answer');
  };
  void system.run(system.process('A'), RUN_MS);
  await system.world.runUntil(system.world.nowMs + 30_000);
  expect(calls).toBeGreaterThan(10);
  expect(
    system.told
      .filter(({ outcome }) => outcome === 'noted')
      .map(({ reason }) => reason)
      .sort(),
  ).toEqual(['another store does not answer', 'one store does not answer']);
});
