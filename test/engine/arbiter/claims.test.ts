import { randomUUID } from 'node:crypto';
import type { Arbiter, Claims, TakeOutcome, Taking } from '../../../lambdas/arbiter';
import { isProblem } from '../../../lambdas/core';
import { type ArbiterTables, startArbiterTables } from './tables';

let tables: ArbiterTables;
let arbiter: Arbiter;
let claims: Claims;

beforeAll(async () => {
  tables = await startArbiterTables();
  arbiter = tables.arbiter();
  claims = arbiter.claims;
});
afterAll(() => tables.stop());

const newKey = () => `account:app:${randomUUID()}`;

function taking(operationId: string, more: Partial<Taking> = {}): Taking {
  return { memberId: `member of ${operationId}`, unit: 'a1', operationId, leaseUntilMs: Date.now() + 15_000, ...more };
}

/** A take is repeated where an engine that is busy did not answer: it is still the same operation. */
async function takeUntilAnswered(room: Claims, key: string, by: Taking): Promise<TakeOutcome> {
  for (;;) {
    try {
      return await room.take(key, by);
    } catch (error) {
      if (!isProblem(error, 'UNAVAILABLE')) throw error;
    }
  }
}

test('of 64 racing takes, from two regions, one wins and the others see its claim', async () => {
  const other = tables.arbiter().claims;
  const key = newKey();
  const outcomes = await Promise.all(
    Array.from({ length: 64 }, (_, racer) =>
      takeUntilAnswered(racer % 2 === 0 ? claims : other, key, taking(`op-${racer}`)),
    ),
  );
  const winners = outcomes.filter((outcome) => outcome.won);
  expect(winners).toHaveLength(1);
  expect(winners[0]?.claim).toMatchObject({ key, generation: 1, state: 'pending', unit: 'a1' });
  for (const outcome of outcomes) expect(outcome.claim).toEqual(winners[0]?.claim);
});

test('a claim goes from pending to held to free and to the next member, each time under a new generation', async () => {
  const key = newKey();
  const first = taking('first', { requestHash: 'hash' });
  expect((await claims.take(key, first)).claim).toEqual({ key, generation: 1, state: 'pending', ...first });
  expect(await claims.hold(key, 1)).toBe(true);
  expect(await claims.read(key, { consistent: true })).toMatchObject({ generation: 1, state: 'held' });
  expect(await claims.free(key, 1)).toBe(true);
  expect(await claims.read(key, { consistent: true })).toMatchObject({ generation: 2, state: 'free' });
  const second = taking('second');
  expect(await claims.take(key, second)).toEqual({
    won: true,
    claim: { key, generation: 3, state: 'pending', ...second },
  });
});

test('a take-over needs the generation that was looked at, and a free claim is not taken over', async () => {
  const key = newKey();
  await claims.take(key, taking('first'));
  await claims.hold(key, 1);
  expect(await claims.takeOver(key, 1, taking('second'))).toMatchObject({
    won: true,
    claim: { generation: 2, state: 'pending', operationId: 'second' },
  });
  expect(await claims.takeOver(key, 1, taking('third'))).toMatchObject({
    won: false,
    claim: { generation: 2, operationId: 'second' },
  });
  await claims.free(key, 2);
  expect(await claims.takeOver(key, 3, taking('third'))).toMatchObject({ won: false, claim: { state: 'free' } });
  expect(await claims.takeOver(newKey(), 1, taking('third'))).toMatchObject({ won: false, claim: { generation: 0 } });
});

test('of racing take-overs and a release of one generation, one happens', async () => {
  const key = newKey();
  await claims.take(key, taking('first'));
  const takeOvers = Array.from({ length: 8 }, (_, racer) => claims.takeOver(key, 1, taking(`op-${racer}`)));
  const release = claims.free(key, 1);
  const won = (await Promise.all(takeOvers)).filter((outcome) => outcome.won);
  expect(await release).toBe(true);
  const claim = await claims.read(key, { consistent: true });
  expect(claim?.generation).toBe(2);
  expect(won.map((outcome) => outcome.claim)).toEqual(claim?.state === 'free' ? [] : [claim]);
});

test('a late release or confirmation of an old generation changes nothing, and says that its time is past', async () => {
  const key = newKey();
  await claims.take(key, taking('first'));
  await claims.takeOver(key, 1, taking('second'));
  expect(await claims.hold(key, 1)).toBe(false);
  expect(await claims.free(key, 1)).toBe(true);
  expect(await claims.read(key, { consistent: true })).toMatchObject({ generation: 2, state: 'pending' });
});

test('a claim that was never taken is neither held nor past: its take may still come', async () => {
  const key = newKey();
  expect(await claims.hold(key, 1)).toBe(false);
  expect(await claims.free(key, 1)).toBe(false);
  expect(await claims.read(key, { consistent: true })).toBeUndefined();
});

test('the operation that has a claim takes it again under the same generation', async () => {
  const key = newKey();
  const { claim } = await claims.take(key, taking('first'));
  expect(await claims.take(key, taking('first', { leaseUntilMs: claim.leaseUntilMs + 1 }))).toEqual({
    won: true,
    claim,
  });
  await claims.free(key, 1);
  expect((await claims.take(key, taking('first'))).claim.generation).toBe(3);
});

test('a request hash does not outlive its claim', async () => {
  const key = newKey();
  await claims.take(key, taking('first', { requestHash: 'hash' }));
  await claims.takeOver(key, 1, taking('second'));
  expect(await claims.read(key, { consistent: true })).not.toHaveProperty('requestHash');
});

test('many claims are read at once, whatever is asked twice or was never taken', async () => {
  const keys = Array.from({ length: 105 }, newKey);
  for (const key of keys) await claims.take(key, taking(key));
  const found = await claims.readMany([...keys, ...keys.slice(-3), newKey()], { consistent: true });
  expect([...found.keys()].sort()).toEqual([...keys].sort());
  expect(found.get(keys[7] ?? '')?.operationId).toBe(keys[7]);
  expect(await claims.readMany([], { consistent: false })).toEqual(new Map());
});

describe('claims that were forgotten', () => {
  // Every test lives in a year of its own, before those of the tests that ran earlier.
  let year = 2020;
  let nowMs: number;
  let early: Claims;

  beforeEach(() => {
    nowMs = Date.UTC(year--, 4, 1);
    const clock = { nowMs: () => nowMs, monotonicMs: () => 0 };
    early = tables.arbiter({ clock }).claims;
  });

  async function overdueKeys(beforeMs: number, limit = 1000, units = ['a1', 'b1']): Promise<string[]> {
    return (await early.overdue(beforeMs, limit, units)).map((claim) => claim.key);
  }

  test('are those pending whose lease has ended, oldest lease first', async () => {
    const keys = Array.from({ length: 12 }, newKey);
    for (const [at, key] of keys.entries())
      await early.take(key, taking(key, { leaseUntilMs: nowMs + 1000 * (12 - at) }));
    const found = (await overdueKeys(nowMs + 6001)).filter((key) => keys.includes(key));
    expect(found).toEqual(keys.slice(6).reverse());
    expect(await overdueKeys(nowMs + 6001, 3)).toHaveLength(3);
  });

  test('are told of the units that were asked for only, however many others have', async () => {
    const keys = Array.from({ length: 6 }, newKey);
    for (const [at, key] of keys.entries()) {
      await early.take(key, taking(key, { leaseUntilMs: nowMs + 1, unit: at < 5 ? 'b1' : 'a1' }));
    }
    expect(await overdueKeys(nowMs + 10, 1, ['a1'])).toEqual(keys.slice(5));
  });

  test('lack those that are held or free, and have them again after a take-over', async () => {
    const [pending, held, freed, retaken] = [newKey(), newKey(), newKey(), newKey()];
    for (const key of [pending, held, freed, retaken]) {
      await early.take(key, taking(key, { leaseUntilMs: nowMs + 10 }));
    }
    await early.hold(held, 1);
    await early.free(freed, 1);
    await early.hold(retaken, 1);
    await early.takeOver(retaken, 1, taking('again', { leaseUntilMs: nowMs + 20 }));
    const found = await overdueKeys(nowMs + 60_000);
    expect([pending, held, freed, retaken].filter((key) => found.includes(key))).toEqual([pending, retaken]);
  });

  test('are found behind pending ones whose lease still runs', async () => {
    const [running, ended] = [newKey(), newKey()];
    for (let at = 0; at < 12; at++) {
      await early.take(`${running}-${at}`, taking('running', { leaseUntilMs: nowMs + 3_600_000 }));
    }
    await early.take(ended, taking('ended', { leaseUntilMs: nowMs + 1 }));
    expect(await overdueKeys(nowMs + 2, 1)).toEqual([ended]);
  });
});
