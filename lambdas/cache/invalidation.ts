import { setTimeout as delay } from 'node:timers/promises';
import type { CacheServer, Flight, OwedFence } from './server';

export type Fence = OwedFence;

const REPLAY_BATCH = 200;
const MOST_REPLAY_BATCHES = 25;
/** Together as long as a breaker stays open, so that a cache that is back is found by the next replay. */
const LOOKS = 6;
const LOOK_AGAIN_MS = 100;

/** Marks and fences of both regions' caches, and what each of them is owed. */
export class Invalidation {
  readonly #local: CacheServer;
  readonly #other: CacheServer;

  constructor(local: CacheServer, other: CacheServer) {
    this.#local = local;
    this.#other = other;
  }

  /** The other region is told of the flight with its marks, in one piece: it may have to find out what became of it. */
  async mark(keys: readonly string[], operationId: string, flight?: Flight): Promise<void> {
    const servers = [this.#local, this.#other];
    const marks = servers.flatMap((server) => keys.map((key) => server.mark(key, operationId)));
    await Promise.allSettled(flight === undefined ? marks : [...marks, this.#other.enter(flight)]);
  }

  /** Never fails: a mark that could not be ended runs out by itself. */
  async unmark(keys: readonly string[], operationId: string, flight?: Flight): Promise<void> {
    const servers = [this.#local, this.#other];
    const ends = servers.flatMap((server) => keys.map((key) => server.unmark(key, operationId)));
    await Promise.allSettled([...ends, this.#land(flight)]);
  }

  /** Never fails: what one cache could not be told is kept in the other one, and the events tell both once more. */
  async fence(fences: readonly Fence[], operationId?: string, flight?: Flight): Promise<void> {
    await Promise.all([
      this.#fenceOrOwe(this.#local, this.#other, fences, operationId),
      this.#fenceOrOwe(this.#other, this.#local, fences, operationId),
      this.#land(flight),
    ]);
  }

  /** Begun in the turn in which the fences are, and behind them: they leave together. Never fails. */
  async #land(flight: Flight | undefined): Promise<void> {
    if (flight !== undefined) await this.#other.leave(flight).catch(() => undefined);
  }

  /** @throws when the local cache could not be told all of them */
  async fenceHere(fences: readonly Fence[]): Promise<void> {
    await Promise.all(fences.map((fence) => this.#local.fence(fence)));
  }

  /** How many fences are kept here for the other region's cache; a large number is told as a smaller one. */
  async owed(): Promise<number> {
    return (await this.#local.owed(this.#other.region, REPLAY_BATCH * MOST_REPLAY_BATCHES)).length;
  }

  /** @returns how many fences the other region's cache has taken */
  async replay(): Promise<number> {
    const region = this.#other.region;
    let replayed = 0;
    for (let batch = 0; batch < MOST_REPLAY_BATCHES; batch++) {
      const owed = await this.#local.owed(region, REPLAY_BATCH);
      if (owed.length === 0 || (batch === 0 && !(await answers(this.#other)))) break;
      const taken = await fenced(this.#other, owed);
      await Promise.all(taken.map((fence) => this.#local.settle(region, fence)));
      replayed += taken.length;
      if (taken.length < REPLAY_BATCH) break;
    }
    return replayed;
  }

  async #fenceOrOwe(
    server: CacheServer,
    keeper: CacheServer,
    fences: readonly Fence[],
    operationId?: string,
  ): Promise<void> {
    const taken = new Set(await fenced(server, fences, operationId));
    const owed = fences.filter((fence) => !taken.has(fence));
    await Promise.allSettled(owed.map((fence) => keeper.owe(server.region, fence)));
  }
}

/**
 * Whether a cache answers. A breaker that is open lets one call through and refuses all others: were the fences to find
 * out, one of them would arrive, and the others only with the next heartbeat.
 */
async function answers(server: CacheServer): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    const isThere = await server.ping().then(
      () => true,
      () => false,
    );
    if (isThere) return true;
    // Somebody else's call may be the one that is let through.
    await delay(LOOK_AGAIN_MS);
  }
  return false;
}

/** Those of the fences that the server has taken. */
async function fenced(server: CacheServer, fences: readonly Fence[], operationId?: string): Promise<Fence[]> {
  const outcomes = await Promise.allSettled(fences.map((fence) => server.fence(fence, operationId)));
  return fences.filter((_, index) => outcomes[index]?.status === 'fulfilled');
}
