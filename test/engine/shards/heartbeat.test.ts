import type { Arbiter, UnitDecision } from '../../../lambdas/arbiter';
import { AUTOMATIC_GRANT_MS, beat, MANUAL_GRANT_MS } from '../../../lambdas/failover';
import { type Database, EPOCH, startDatabase } from './database';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

let database: Database;
beforeAll(async () => {
  database = await startDatabase();
}, 60_000);
afterAll(() => database.stop());
beforeEach(() => database.grantLease(0));

/** The network peer of a heartbeat: says what an arbiter would have decided. */
function arbiterThat(answer: { auto: unknown; renews: boolean | undefined; epoch?: number; takesS?: number }) {
  const recorded: number[] = [];
  const unit: UnitDecision = {
    unit: 'a1',
    epoch: answer.epoch ?? EPOCH,
    writer: 'A',
    mode: 'database',
    renewals: 0,
    grantedMs: 0,
  };
  const decisions = {
    units: async () => [unit],
    acceptedSwitch: async () => ({ name: 'failover/auto', value: answer.auto, revision: 1 }),
    renew: async (_unit: string, _condition: object, grantedMs: number) => {
      recorded.push(grantedMs);
      if (answer.takesS !== undefined) await database.query(`DO SLEEP(${answer.takesS})`);
      if (answer.renews === undefined) throw new Error('the arbiter does not answer');
      return answer.renews;
    },
  };
  return { arbiter: { decisions } as unknown as Arbiter, recorded };
}

const beatWith = (arbiter: Arbiter) =>
  beat({ arbiter, shards: database.shards, region: 'A', log: SILENT }, [{ unit: 'a1', writer: 'A' }]);

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
  await database.query("UPDATE twinkeep.lease SET heartbeat_at = '2026-01-01'");
  await beatWith(arbiterThat({ auto: 'on', renews: false }).arbiter);
  const { leftMs, beatAgeMs } = await leaseRow();
  expect(leftMs).toBeLessThanOrEqual(0);
  expect(beatAgeMs).toBeLessThan(5000);
});

test('a renewal that is not answered extends nothing, and is a heartbeat all the same', async () => {
  await database.query("UPDATE twinkeep.lease SET heartbeat_at = '2026-01-01'");
  await beatWith(arbiterThat({ auto: 'on', renews: undefined }).arbiter);
  const { leftMs, beatAgeMs } = await leaseRow();
  expect([leftMs <= 0, beatAgeMs < 5000]).toEqual([true, true]);
});

test('without the arbiter nothing is extended, and the writer is seen to live', async () => {
  await database.query("UPDATE twinkeep.lease SET heartbeat_at = '2026-01-01'");
  const away = () => Promise.reject(new Error('the arbiter is away'));
  await beatWith({ decisions: { units: away, acceptedSwitch: away } } as unknown as Arbiter);
  const { leftMs, beatAgeMs } = await leaseRow();
  expect(leftMs).toBeLessThanOrEqual(0);
  expect(beatAgeMs).toBeLessThan(5000);
});

test('a renewal under another epoch extends nothing', async () => {
  await beatWith(arbiterThat({ auto: 'on', renews: true, epoch: EPOCH + 1 }).arbiter);
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

test('a heartbeat that was frozen while it renewed extends nothing beyond what was granted', async () => {
  await beatWith(arbiterThat({ auto: 'on', renews: true, takesS: 0.5 }).arbiter);
  expect((await leaseRow()).leftMs).toBeLessThanOrEqual(AUTOMATIC_GRANT_MS - 500);
});

test('only the writer of a unit that stands here is beaten for', async () => {
  await database.query("UPDATE twinkeep.lease SET heartbeat_at = '2026-01-01'");
  const { arbiter, recorded } = arbiterThat({ auto: 'on', renews: true });
  await beat({ arbiter, shards: database.shards, region: 'B', log: SILENT }, [{ unit: 'a1', writer: 'A' }]);
  const { leftMs, beatAgeMs } = await leaseRow();
  expect([recorded, leftMs <= 0, beatAgeMs > 60_000]).toEqual([[], true, true]);
});
