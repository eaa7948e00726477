import { setTimeout as delay } from 'node:timers/promises';
import { type Cache, createCache } from '../../../lambdas/cache';
import { systemClock } from '../../../lambdas/core';
import { AccountLimit } from '../../../lambdas/traffic/hot-accounts';
import { RedisServer } from './redis-server';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
let server: RedisServer;
let cache: Cache;

beforeAll(async () => {
  server = await RedisServer.start();
  const endpoints = { A: server.address, B: server.address };
  cache = createCache({ region: 'A', endpoints, clock: systemClock, log, timeoutsMs: { local: 2000, other: 2000 } });
});
beforeEach(async () => {
  await server.inside.flushall();
});
afterAll(async () => {
  await cache.close();
  await server.stop();
});

/** Waits until the server's clock is just past a full second. */
async function secondBegins(): Promise<void> {
  const [, microseconds] = await server.inside.time();
  await delay(1010 - Number(microseconds) / 1000);
}

test('what was told in both of the two seconds before is added up, and nothing of this one', async () => {
  await secondBegins();
  expect(await cache.tally('reads', [['m1', 30.9]])).toEqual([0]);
  expect(await cache.tally('reads', [['m1', 20]])).toEqual([0]);
  await secondBegins();
  expect(await cache.tally('reads', [['m1', 40]])).toEqual([0]);
  await secondBegins();
  // 50 and 40: somebody may have told of one second twice.
  expect(
    await cache.tally('reads', [
      ['m1', 1],
      ['m2', 1],
    ]),
  ).toEqual([40, 0]);
  expect(await cache.tally('writes', [['m1', 1]])).toEqual([0]);
  await delay(3000);
  expect(await cache.tally('reads', [['m1', 1]])).toEqual([0]);
});

test('a tally is bounded, forgets by itself, and names nobody', async () => {
  for (let round = 0; round < 6; round += 1) {
    const told = Array.from({ length: 1000 }, (_, index) => [`account-${round}-${index}`, 2] as const);
    await cache.tally('reads', told);
  }
  const key = '{tally:reads}';
  expect(await server.inside.hlen(key)).toBeLessThanOrEqual(5097);
  expect((await server.inside.hkeys(key)).join()).not.toContain('account');
  expect(await server.inside.pttl(key)).toBeGreaterThan(0);
  // What is over makes room.
  await delay(3100);
  await cache.tally('reads', [['late', 2]]);
  expect(await server.inside.hlen(key)).toBeLessThanOrEqual(3);
});

test('environments that hear of each other pass together what one account may have, and all of what others ask', async () => {
  const PER_S = 60;
  const tally = { exchange: (rates: readonly (readonly [string, number])[]) => cache.tally('reads', rates) };
  const environments = Array.from({ length: 4 }, () => new AccountLimit(PER_S, { clock: systemClock, tally }));
  const passed: Record<string, number> = { hot: 0, calm: 0 };
  const asked: Record<string, number> = { hot: 0, calm: 0 };
  const ask = (account: string, at: number) => {
    const isPassed = environments[at % environments.length]?.take(account) === 0;
    asked[account] = (asked[account] ?? 0) + 1;
    if (isPassed) passed[account] = (passed[account] ?? 0) + 1;
  };
  const run = async (forMs: number) => {
    const endsAt = performance.now() + forMs;
    for (let at = 0; performance.now() < endsAt; at += 1) {
      for (let of = 0; of < 8; of += 1) ask('hot', at + of);
      if (at % 4 === 0) ask('calm', at / 4);
      await delay(40);
    }
  };
  // About 200 a second, 50 in each environment, which alone is below the limit.
  await run(3500);
  expect(passed.hot).toBeGreaterThan(PER_S);
  Object.assign(passed, { hot: 0 });
  await run(3000);
  // A busy machine stretches seconds.
  expect((passed.hot ?? 0) / 3).toBeLessThanOrEqual(PER_S * 1.4);
  expect((passed.hot ?? 0) / 3).toBeGreaterThan(PER_S * 0.3);
  expect(passed.calm).toBe(asked.calm);
});
