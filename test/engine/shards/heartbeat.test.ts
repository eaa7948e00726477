import type { Arbiter, Transition, UnitDecision } from '../../../lambdas/arbiter';
import { AUTOMATIC_GRANT_MS, beat, MANUAL_GRANT_MS } from '../../../lambdas/failover';
import { until } from '../cache/until';
import { type Database, EPOCH, startDatabase } from './database';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());
beforeEach(() => database.grantLease(0));

interface Answer {
  readonly auto: unknown;
  readonly renews: boolean | undefined;
  readonly decided?: Partial<UnitDecision>;
  /** What happens before the renewal is answered. */
  readonly meanwhile?: () => Promise<unknown>;
}

/** The network peer of a heartbeat: says what an arbiter would have decided. */
function arbiterThat({ auto, renews, decided, meanwhile }: Answer) {
  const recorded: number[] = [];
  const unit: UnitDecision = {
    unit: 'a1',
    epoch: EPOCH,
    writer: 'A',
    mode: 'database',
    renewals: 0,
    grantedMs: 0,
    ...decided,
  };
  const decisions = {
    units: async () => [unit],
    acceptedSwitch: async () => ({ name: 'failover/auto', value: auto, revision: 1 }),
    renew: async (_unit: string, _condition: object, grantedMs: number) => {
      recorded.push(grantedMs);
      await meanwhile?.();
      if (renews === undefined) throw new Error('the arbiter does not answer');
      return renews;
    },
  };
  return { arbiter: { decisions } as unknown as Arbiter, recorded };
}

const beatWith = (arbiter: Arbiter, mode: UnitDecision['mode'] = 'database') =>
  beat({ arbiter, shards: database.shards, region: 'A', log: SILENT }, [{ unit: 'a1', writer: 'A', mode }]);

const longAgo = () => database.query("UPDATE twinkeep.lease SET heartbeat_at = '2026-01-01'");

async function leaseRow() {
  const [row] = await database.query(
    `SELECT TIMESTAMPDIFF(MICROSECOND, SYSDATE(6), lease_until) / 1000 AS left_ms,
      TIMESTAMPDIFF(MICROSECOND, heartbeat_at, SYSDATE(6)) / 1000 AS beat_age_ms FROM twinkeep.lease WHERE unit = 'a1'`,
  );
  return { leftMs: Number(row?.left_ms), beatAgeMs: Number(row?.beat_age_ms) };
}

test.each([
  ['on', AUTOMATIC_GRANT_MS],
  ['dry-run', AUTOMATIC_GRANT_MS],
  ['off', MANUAL_GRANT_MS],
] as const)('with failover %s a lease is granted for %i ms', async (auto, grant) => {
  const { arbiter, recorded } = arbiterThat({ auto, renews: true });
  await beatWith(arbiter);
  const { leftMs } = await leaseRow();
  expect(recorded).toEqual([grant]);
  expect(leftMs).toBeLessThanOrEqual(grant);
  expect(leftMs).toBeGreaterThan(grant - 5000);
});

test('a renewal that the arbiter refuses extends nothing, and is a heartbeat all the same', async () => {
  await longAgo();
  await beatWith(arbiterThat({ auto: 'on', renews: false }).arbiter);
  const { leftMs, beatAgeMs } = await leaseRow();
  expect(leftMs).toBeLessThanOrEqual(0);
  expect(beatAgeMs).toBeLessThan(5000);
});

test('a renewal that is not answered extends nothing, and is a heartbeat all the same', async () => {
  await longAgo();
  await beatWith(arbiterThat({ auto: 'on', renews: undefined }).arbiter);
  const { leftMs, beatAgeMs } = await leaseRow();
  expect([leftMs <= 0, beatAgeMs < 5000]).toEqual([true, true]);
});

test('databases tell how old the newest heartbeat is that they have', async () => {
  const ageMs = () => database.shards.leases.heartbeatAgeMs('a1', 'A', 2000);
  await longAgo();
  expect(await ageMs()).toBeGreaterThan(86_400_000);
  await database.shards.leases.beat('a1', 'A');
  expect(await ageMs()).toBeLessThan(5000);
  expect(await database.shards.leases.heartbeatAgeMs('b1', 'A', 2000)).toBeUndefined();
});

const away = () => Promise.reject(new Error('the arbiter is away'));
const ARBITER_AWAY = { decisions: { units: away, acceptedSwitch: away } } as unknown as Arbiter;

test('without the arbiter nothing is extended, and the writer is seen to live', async () => {
  await longAgo();
  await beatWith(ARBITER_AWAY);
  const { leftMs, beatAgeMs } = await leaseRow();
  expect(leftMs).toBeLessThanOrEqual(0);
  expect(beatAgeMs).toBeLessThan(5000);
});

test('a unit that only reads has no lease, and is seen to live', async () => {
  await longAgo();
  const { arbiter, recorded } = arbiterThat({ auto: 'on', renews: true, decided: { mode: 'read-only' } });
  await beatWith(arbiter);
  const { leftMs, beatAgeMs } = await leaseRow();
  expect([recorded, leftMs <= 0, beatAgeMs < 5000]).toEqual([[], true, true]);
});

test('a unit in transition has no heartbeat, also where its mode is all that is known of it', async () => {
  await longAgo();
  const transition = { step: 'replay' } as Transition;
  const { arbiter, recorded } = arbiterThat({ auto: 'on', renews: true, decided: { mode: 'read-only', transition } });
  await beatWith(arbiter);
  await beatWith(ARBITER_AWAY, 'read-only');
  const { leftMs, beatAgeMs } = await leaseRow();
  expect([recorded, leftMs <= 0, beatAgeMs > 60_000]).toEqual([[], true, true]);
});

test('a renewal under another epoch extends nothing', async () => {
  await beatWith(arbiterThat({ auto: 'on', renews: true, decided: { epoch: EPOCH + 1 } }).arbiter);
  expect((await leaseRow()).leftMs).toBeLessThanOrEqual(0);
});

test('what is left of a longer lease is recorded: it does not end because the next grant is short', async () => {
  await database.grantLease(MANUAL_GRANT_MS);
  const { arbiter, recorded } = arbiterThat({ auto: 'on', renews: true });
  await beatWith(arbiter);
  const { leftMs } = await leaseRow();
  expect(recorded[0]).toBeGreaterThanOrEqual(leftMs);
  expect(leftMs).toBeGreaterThan(MANUAL_GRANT_MS - 60_000);
});

test('a long lease is ended once leases are short', async () => {
  await database.grantLease(MANUAL_GRANT_MS);
  const { arbiter, recorded } = arbiterThat({ auto: 'on', renews: true, decided: { grantedMs: MANUAL_GRANT_MS } });
  await beatWith(arbiter);
  const { leftMs } = await leaseRow();
  expect(recorded).toEqual([AUTOMATIC_GRANT_MS]);
  expect([leftMs > 0, leftMs <= AUTOMATIC_GRANT_MS]).toEqual([true, true]);
});

test('a long grant that sleeps while leases become short extends nothing', async () => {
  const decided = { grantedMs: MANUAL_GRANT_MS };
  const meanwhile = () => beatWith(arbiterThat({ auto: 'on', renews: true, decided }).arbiter);
  await beatWith(arbiterThat({ auto: 'off', renews: true, decided, meanwhile }).arbiter);
  expect((await leaseRow()).leftMs).toBeLessThanOrEqual(AUTOMATIC_GRANT_MS);
});

test('a heartbeat that was frozen while it renewed extends nothing beyond what was granted', async () => {
  const meanwhile = () => database.query('DO SLEEP(0.5)');
  await beatWith(arbiterThat({ auto: 'on', renews: true, meanwhile }).arbiter);
  expect((await leaseRow()).leftMs).toBeLessThanOrEqual(AUTOMATIC_GRANT_MS - 500);
});

test('only the writer of a unit that stands here is beaten for', async () => {
  await longAgo();
  const { arbiter, recorded } = arbiterThat({ auto: 'on', renews: true });
  await beat({ arbiter, shards: database.shards, region: 'B', log: SILENT }, [
    { unit: 'a1', writer: 'A', mode: 'database' },
  ]);
  const { leftMs, beatAgeMs } = await leaseRow();
  expect([recorded, leftMs <= 0, beatAgeMs > 60_000]).toEqual([[], true, true]);
});

describe('a lease that is granted by hand', () => {
  const readEpochs = () => database.shards.leases.readEpochs('a1', 'A');
  const hold = async (changed: { epoch?: number } = {}, grantMs = 6000) => {
    const [read] = await readEpochs();
    if (read === undefined) throw new Error('the unit cannot be held');
    return database.shards.leases.hold({ unit: 'a1', ...read, ...changed }, grantMs, 'A');
  };

  test('runs from the clock that was read, and makes no lease shorter', async () => {
    expect(await hold()).toBe(true);
    const { leftMs } = await leaseRow();
    expect([leftMs > 1000, leftMs <= 6000]).toEqual([true, true]);
    await database.grantLease(60_000);
    expect(await hold()).toBe(true);
    expect((await leaseRow()).leftMs).toBeGreaterThan(6000);
  });

  test('race 20: that slept on its way extends nothing beyond that', async () => {
    const [read] = await readEpochs();
    const lock = await database.hold("UPDATE twinkeep.lease SET heartbeat_at = SYSDATE(6) WHERE unit = 'a1'");
    const sleeping = database.shards.leases.hold(
      { unit: 'a1', cluster: 'a1', epoch: EPOCH, now: read?.now ?? '' },
      300,
      'A',
    );
    await database.untilSomebodyWaits();
    await until(
      async () =>
        Number(
          (await database.query(`SELECT SYSDATE(6) > '${read?.now}' + INTERVAL 400000 MICROSECOND AS late`))[0]?.late,
        ) === 1,
    );
    await lock.commit();
    expect(await sleeping).toBe(true);
    const [row] = await database.query(
      `SELECT lease_until <= '${read?.now}' + INTERVAL 300000 MICROSECOND AS counted FROM twinkeep.lease WHERE unit = 'a1'`,
    );
    expect(Number(row?.counted)).toBe(1);
  });

  test('race 21: is of the epoch that the writer has, and of no unit that takes no writes by will', async () => {
    expect(await hold({ epoch: EPOCH - 1 })).toBe(false);
    expect((await leaseRow()).leftMs).toBeLessThanOrEqual(0);
    await database.query("UPDATE twinkeep.lease SET lease_until = '2025-01-01'");
    expect(await readEpochs()).toEqual([]);
    await database.grantLease(1000);
    expect(await readEpochs()).toMatchObject([{ cluster: 'a1', epoch: EPOCH }]);
    await database.query(`UPDATE twinkeep.fence SET epoch = ${EPOCH + 1}`);
    expect(await readEpochs()).toEqual([]);
    await database.query(`UPDATE twinkeep.fence SET epoch = ${EPOCH}`);
  });
});
