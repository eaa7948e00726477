import { type Cache, type CacheOptions, createCache } from '../../../lambdas/cache';
import { type Log, systemClock } from '../../../lambdas/core';
import type { Region } from '../../../topology';
import { together } from '../../support/together';
import { RedisServer } from './redis-server';
import { until } from './until';

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const PATIENT = { local: 10_000, other: 10_000 };

/** The caches of two regions, each with a Redis of its own, and environments that use them. */
export class TwoRegions {
  readonly A: RedisServer;
  readonly B: RedisServer;
  readonly #caches: Cache[] = [];

  private constructor(A: RedisServer, B: RedisServer) {
    this.A = A;
    this.B = B;
  }

  static async start(): Promise<TwoRegions> {
    const [A, B] = await together([RedisServer.start(), RedisServer.start()]);
    return new TwoRegions(A, B);
  }

  /**
   * What one execution environment of a region has. Unless they are given, timeouts are so long that a busy machine
   * fails no test of a rule.
   */
  async environment(region: Region, options: Partial<CacheOptions> = {}): Promise<Cache> {
    const endpoints = { A: this.A.address, B: this.B.address };
    const cache = createCache({ region, endpoints, clock: systemClock, log: silent, timeoutsMs: PATIENT, ...options });
    this.#caches.push(cache);
    if (this[region].isRunning) await until(() => cache.ping().then(() => true));
    return cache;
  }

  async stop(): Promise<void> {
    for (const cache of this.#caches) await cache.close();
    await Promise.all([this.A.stop(), this.B.stop()]);
  }
}

let keys = 0;

/** A key that no other test uses. */
export const freshKey = (): string => `{m:${process.pid}${++keys}}`;
