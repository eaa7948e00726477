import { randomUUID } from 'node:crypto';
import type { Arbiter, Taking } from '../../../lambdas/arbiter';
import { type Fault, type FaultGate, openFaultGate } from './fault-gate';
import { type ArbiterTables, startArbiterTables } from './tables';

let tables: ArbiterTables;
let gate: FaultGate;
let arbiter: Arbiter;
const warnings: Record<string, unknown>[] = [];

beforeAll(async () => {
  tables = await startArbiterTables();
  gate = await openFaultGate(tables.endpoint);
  const log = {
    info: () => undefined,
    error: () => undefined,
    warn: (message: string, fields = {}) => void warnings.push({ message, ...fields }),
  };
  arbiter = tables.arbiter({ endpoint: gate.endpoint, log });
});
beforeEach(() => {
  gate.next();
  gate.arrived.length = 0;
  warnings.length = 0;
});
afterAll(async () => {
  await gate.close();
  await tables.stop();
});

const newKey = () => `account:app:${randomUUID()}`;
const taking = (operationId: string): Taking => ({ memberId: '7', unit: 'a1', operationId, leaseUntilMs: 2e12 });
const CONFLICT: Fault = { exception: 'ReplicatedWriteConflictException', status: 400 };
const THROTTLED: Fault = { exception: 'ProvisionedThroughputExceededException', status: 400 };

test.each<Fault>(['lose-answer', 'hold-answer', 'stall'])(
  'a take that went through with its answer lost is won (%s)',
  async (fault) => {
    const key = newKey();
    gate.next(fault);
    expect(await arbiter.claims.take(key, taking('own'))).toMatchObject({
      won: true,
      claim: { generation: 1, state: 'pending' },
    });
    expect(gate.arrived).toEqual(['UpdateItem', 'UpdateItem']);
  },
);

test('a take-over that went through with its answer lost is won, under its one new generation', async () => {
  const key = newKey();
  await arbiter.claims.take(key, taking('former'));
  gate.next('lose-answer');
  expect(await arbiter.claims.takeOver(key, 1, taking('own'))).toMatchObject({ won: true, claim: { generation: 2 } });
});

test('a take that lost stays lost when its answer is lost', async () => {
  const key = newKey();
  await arbiter.claims.take(key, taking('former'));
  gate.next('lose-answer');
  expect(await arbiter.claims.take(key, taking('own'))).toMatchObject({ won: false, claim: { operationId: 'former' } });
});

test('a confirmation and a release that went through with their answer lost are answered as done', async () => {
  const key = newKey();
  await arbiter.claims.take(key, taking('own'));
  gate.next('lose-answer');
  expect(await arbiter.claims.hold(key, 1)).toBe(true);
  gate.next('lose-answer');
  expect(await arbiter.claims.free(key, 1)).toBe(true);
  expect(await arbiter.claims.read(key, { consistent: true })).toMatchObject({ generation: 2, state: 'free' });
});

test.each([1, 2, 3])('a unit is founded once, also when the answer of its step %i is lost', async (step) => {
  const name = `unit-${randomUUID()}`;
  // `break` would lose the request as well; here the engine has done what was asked.
  const answered: Fault[] = Array.from({ length: step - 1 }, () => 'none');
  gate.next(...answered, 'lose-answer');
  const founded = await arbiter.decisions.foundUnit(name, 'A');
  expect(gate.arrived).toHaveLength(4);
  expect(await arbiter.decisions.foundUnit(name, 'B')).toEqual(founded);
});

test('a write that meets one from another region is tried again and not taken for lost', async () => {
  const key = newKey();
  gate.next(CONFLICT, CONFLICT, THROTTLED);
  expect((await arbiter.claims.take(key, taking('own'))).won).toBe(true);
  expect(gate.arrived).toHaveLength(4);
  expect(warnings[0]).toMatchObject({ attempt: 1, reason: 'ReplicatedWriteConflictException', table: 'claims' });
});

test('one that meets them without end is UNAVAILABLE after a few attempts', async () => {
  gate.next(...Array.from({ length: 5 }, () => CONFLICT));
  const take = arbiter.claims.take(newKey(), taking('own'));
  await expect(take).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    cause: { name: 'ReplicatedWriteConflictException' },
  });
  expect(gate.arrived).toHaveLength(5);
});

test('an arbiter that never answers is UNAVAILABLE within its deadline', async () => {
  gate.next(...Array.from({ length: 5 }, (): Fault => 'hold-answer'));
  const startedMs = performance.now();
  await expect(arbiter.decisions.unit('a1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(performance.now() - startedMs).toBeLessThan(4500);
}, 10_000);

test('calls that wait for a connection are UNAVAILABLE within the same deadline', async () => {
  gate.next(...Array.from({ length: 500 }, (): Fault => 'hold-answer'));
  const startedMs = performance.now();
  const pings = await Promise.allSettled(Array.from({ length: 200 }, () => arbiter.ping()));
  expect(pings.filter((ping) => ping.status === 'fulfilled')).toEqual([]);
  expect(performance.now() - startedMs).toBeLessThan(5000);
}, 15_000);

test('an arbiter that cannot be reached is UNAVAILABLE, and nothing of the key is said', async () => {
  const gone = await openFaultGate(tables.endpoint);
  await gone.close();
  const cut = tables.arbiter({ endpoint: gone.endpoint });
  const key = 'account:app:secret-account';
  const failure = await cut.claims.take(key, taking('own')).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'UNAVAILABLE', cause: { code: 'ECONNREFUSED' } });
  expect(`${failure} ${JSON.stringify(failure)}`).not.toContain('secret-account');
  await expect(cut.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a refusal is not tried again', async () => {
  gate.next({ exception: 'AccessDeniedException', status: 400 });
  await expect(arbiter.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(gate.arrived).toHaveLength(1);
});

test('a request that is wrong is a fault of ours', async () => {
  gate.next({ exception: 'ValidationException', status: 400 });
  await expect(arbiter.ping()).rejects.toMatchObject({ code: 'INTERNAL', cause: { name: 'ValidationException' } });
  expect(gate.arrived).toHaveLength(1);
});

test('what one answer could not hold of a batch is asked for again', async () => {
  const keys = Array.from({ length: 7 }, newKey);
  for (const key of keys) await arbiter.claims.take(key, taking(key));
  gate.arrived.length = 0;
  gate.next({ processed: 3 }, { processed: 0 }, { processed: 2 });
  const found = await arbiter.claims.readMany(keys, { consistent: true });
  expect([...found.keys()].sort()).toEqual([...keys].sort());
  expect(gate.arrived).toHaveLength(4);
});

test('a batch that never ends is UNAVAILABLE', async () => {
  gate.next(...Array.from({ length: 20 }, () => ({ processed: 0 })));
  const read = arbiter.claims.readMany([newKey()], { consistent: true });
  await expect(read).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a connection that broke is opened again', async () => {
  // The tests before this one have used up what may be sent again.
  const rested = tables.arbiter({ endpoint: gate.endpoint });
  await rested.ping();
  gate.next('break', 'break');
  await rested.ping();
});
