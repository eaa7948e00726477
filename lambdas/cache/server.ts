import { Cluster, type Redis } from 'ioredis';
import type { Region } from '../../topology';
import type { Account, Clock, Endpoints, Log, Metrics } from '../core';
import { Breaker, type BreakerRule, tellBreaker } from '../resilience';
import type { CallReport, DayOfCalls, EnvironmentCensus, SecondOfCalls, Take, Taken } from '../traffic';
import { CallTimeouts } from './call-timeouts';
import { FUNCTIONS, type FunctionCommands } from './functions';
import { gatherWrites } from './gathered-writes';
import { arbiterKey, HOLD_KEPT_MS, type HoldAnswer, holdKey, type MoveAnswer, movingKey, YOUNG_S } from './holds';
import { floorKey, inFlightKey, leaseKey, marksKey, talliedAs, tallyKey, unfencedKey, unfencedSinceKey } from './keys';
import { FENCE_LIFE_MS, IN_FLIGHT_LIFE_MS, LEASE_LIFE_MS, MARK_LIFE_MS, OWED_LIFE_MS } from './lifetimes';
import { argumentsOf, COMMAND_OF, takenOf } from './limits';
import { CALLS_KEY, censusOf, daysOf, recentArguments, reportArguments, secondsOf } from './recent-calls';

/**
 * Of a cache that fails now and then, the calls in between succeed: where a third of a minute's calls come to nothing, all
 * of them are better answered by a database; but not where the first calls of a connection fail together. No rule for slow
 * answers, because all have the same short time.
 */
const RULES: readonly BreakerRule[] = [
  { kind: 'failures-in-a-row', failures: 5, failingForMs: 200 },
  { kind: 'exception-ratio', ratio: 0.33, minimumCalls: 100, overMs: 1000 },
];
const OPEN_MS = 500;
const CONNECT_TIMEOUT_MS = 1000;
/** A connection on which nothing came back for this long is given up: a cut network closes none. */
const SILENCE_MS = 1500;
const MOST_RECONNECT_DELAY_MS = 500;

export type LeaseAnswer =
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'lease'; readonly floor: number; readonly uptimeS: number }
  | { readonly kind: 'filling' | 'marked'; readonly floor: number };

export interface OwedFence {
  readonly key: string;
  readonly version: number;
}

/** An operation that is under way: the placement of its member with the unit (`a1:17`), and what it is called there. */
export interface Flight {
  readonly placement: string;
  readonly entry: string;
}

export interface CacheServerOptions {
  readonly region: Region;
  readonly address: Endpoints['caches'][Region];
  readonly account?: Account | undefined;
  /** How long one call may take, its time in the queue of this client included. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
}

/**
 * The Redis of one region. Every call ends within its timeout and throws Problem UNAVAILABLE, or the client's own error,
 * when that Redis does not answer; a breaker makes that cheap.
 */
export class CacheServer {
  readonly region: Region;
  readonly #cluster: Cluster & FunctionCommands;
  readonly #breaker: Breaker;
  readonly #timeouts: CallTimeouts;
  readonly #patience: CallTimeouts;
  /** Where there is one shard there is nothing to route: what reads and fills goes to it directly, at three quarters of the cost. */
  #onlyNode: (Redis & FunctionCommands) | undefined;
  /** Over when the first attempt to connect has come to an end, well or not. */
  readonly #firstAttempt: Promise<void>;

  constructor({ region, address, account, timeoutMs, clock, log, metrics }: CacheServerOptions) {
    const name = `the cache of region ${region}`;
    this.region = region;
    this.#timeouts = new CallTimeouts(name, timeoutMs, clock);
    this.#patience = new CallTimeouts(name, SILENCE_MS, clock);
    this.#cluster = connect(address, account);
    for (const event of ['refresh', '+node', '-node']) this.#cluster.on(event, () => this.#findOnlyNode());
    this.#firstAttempt = new Promise((resolve) => {
      this.#cluster.once('ready', resolve);
      this.#cluster.once('close', resolve);
    });
    const tell = tellBreaker({ log, metrics }, `cache-${region}`);
    this.#breaker = new Breaker({
      name,
      clock,
      rules: RULES,
      openMs: OPEN_MS,
      onChange: (change) => {
        tell(change);
        if (change.state === 'open') log.warn('cache does not answer', { cacheRegion: region });
      },
    });
  }

  /** Whether a call would be tried now. */
  get admits(): boolean {
    return this.#breaker.admits;
  }

  get(key: string): Promise<string | null> {
    return this.#call(() => this.#nearest.get(key));
  }

  async set(key: string, value: string, lifeMs: number): Promise<void> {
    await this.#call(() => this.#cluster.set(key, value, 'PX', lifeMs));
  }

  async getOrLease(key: string, generation: number, minVersion: number, token: string): Promise<LeaseAnswer> {
    const [kind, second, third] = await this.#call(() =>
      this.#nearest.getOrLease(
        ...[key, floorKey(key), leaseKey(key), marksKey(key)],
        ...[generation, minVersion, token, LEASE_LIFE_MS],
      ),
    );
    if (kind === 'value') return { kind, text: second ?? '' };
    const floor = Number(second);
    if (kind === 'lease') return { kind, floor, uptimeS: Number(third) };
    return { kind: kind === 'marked' ? kind : 'filling', floor };
  }

  /** Says what came of it: `filled`, or why not. */
  fill(
    key: string,
    value: { token: string; generation: number; version: number; text: string; lifeMs: number },
  ): Promise<string> {
    const { token, generation, version, text, lifeMs } = value;
    return this.#call(() =>
      this.#nearest.fill(key, floorKey(key), leaseKey(key), token, generation, version, text, lifeMs),
    );
  }

  async release(key: string, token: string): Promise<void> {
    await this.#call(() => this.#nearest.release(leaseKey(key), token));
  }

  /** Ends one operation's mark; those of others stand. */
  async unmark(key: string, operationId: string): Promise<void> {
    await this.#call(() => this.#cluster.zrem(marksKey(key), operationId));
  }

  async mark(key: string, operationId: string): Promise<void> {
    await this.#call(() => this.#cluster.mark(key, leaseKey(key), marksKey(key), operationId, MARK_LIFE_MS));
  }

  async enter({ placement, entry }: Flight): Promise<void> {
    await this.#call(() => this.#cluster.enter(inFlightKey(placement), entry, IN_FLIGHT_LIFE_MS));
  }

  async leave({ placement, entry }: Flight): Promise<void> {
    await this.#call(() => this.#cluster.zrem(inFlightKey(placement), entry));
  }

  /** Entries of a placement, the oldest first. */
  inFlight(placement: string): Promise<string[]> {
    return this.#call(() => this.#cluster.zrange(inFlightKey(placement), 0, '-1'));
  }

  async fence({ key, version }: OwedFence, operationId = ''): Promise<void> {
    await this.#call(() => this.#cluster.fence(key, floorKey(key), marksKey(key), version, FENCE_LIFE_MS, operationId));
  }

  /** Keeps here what the cache of `region` could not be told. */
  async owe(region: Region, { key, version }: OwedFence): Promise<void> {
    await this.#call(() =>
      this.#cluster.owe(unfencedKey(region), unfencedSinceKey(region), key, version, OWED_LIFE_MS),
    );
  }

  async owed(region: Region, count: number): Promise<OwedFence[]> {
    const flat = await this.#call(() => this.#cluster.zrange(unfencedKey(region), 0, `${count - 1}`, 'WITHSCORES'));
    const owed: OwedFence[] = [];
    for (let at = 0; at + 1 < flat.length; at += 2) owed.push({ key: flat[at] ?? '', version: Number(flat[at + 1]) });
    return owed;
  }

  async settle(region: Region, { key, version }: OwedFence): Promise<void> {
    await this.#call(() => this.#cluster.settle(unfencedKey(region), unfencedSinceKey(region), key, version));
  }

  async take(take: Take): Promise<Taken> {
    return takenOf(await this.#call(() => this.#nearest[COMMAND_OF[take.algorithm]](...argumentsOf(take))));
  }

  async reportCalls(report: CallReport): Promise<EnvironmentCensus> {
    return censusOf(report, await this.#call(() => this.#nearest.reportCalls(...reportArguments(report))));
  }

  async callsByDay(): Promise<DayOfCalls[]> {
    return daysOf(await this.#call(() => this.#nearest.callsByDay(CALLS_KEY)));
  }

  async tally(name: string, ratesPerS: readonly (readonly [string, number])[]): Promise<number[]> {
    const told = ratesPerS.flatMap(([account, rate]) => [talliedAs(account), Math.floor(rate)]);
    return this.#call(() => this.#nearest.tally(tallyKey(name), ...told));
  }

  async recentCalls(durationMs: number): Promise<SecondOfCalls[]> {
    return secondsOf(await this.#call(() => this.#nearest.recentCalls(...recentArguments(durationMs))));
  }

  /** From now on this cache lets nobody hold the unit under an older epoch. */
  announceMove(unit: string, epoch: number): Promise<MoveAnswer> {
    const keys = [movingKey(unit), holdKey(unit)];
    return this.#call(() => this.#cluster.announceMove(...keys, epoch, IN_FLIGHT_LIFE_MS, YOUNG_S));
  }

  takeHold(unit: string, epoch: number): Promise<HoldAnswer> {
    const keys = [movingKey(unit), holdKey(unit), arbiterKey('lost'), arbiterKey('seen')];
    return this.#call(() => this.#cluster.takeHold(...keys, epoch, HOLD_KEPT_MS, YOUNG_S));
  }

  async ping(): Promise<void> {
    await this.#call(() => this.#cluster.ping());
  }

  /** Asks past the breaker and with patience: one that is slow is not gone. */
  async probe(): Promise<void> {
    await this.#withinTimeout(() => this.#cluster.ping(), this.#patience);
  }

  close(): void {
    this.#cluster.disconnect();
  }

  get #nearest(): (Cluster | Redis) & FunctionCommands {
    return this.#onlyNode ?? this.#cluster;
  }

  #findOnlyNode(): void {
    const [node, ...others] = this.#cluster.nodes('master') as (Redis & FunctionCommands)[];
    this.#onlyNode = others.length === 0 ? node : undefined;
  }

  #call<T>(send: () => Promise<T>): Promise<T> {
    return this.#breaker.execute(() => this.#withinTimeout(send));
  }

  #withinTimeout<T>(send: () => Promise<T>, timeouts = this.#timeouts): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = timeouts.begin(reject);
      const answer = this.#cluster.status === 'ready' ? send() : this.#firstAttempt.then(send);
      answer.then(
        (value) => {
          timeouts.over(call);
          resolve(value);
        },
        (error: unknown) => {
          timeouts.over(call);
          // It may have moved: the next ones are routed, which finds out.
          this.#onlyNode = undefined;
          reject(error);
        },
      );
    });
  }
}

/** Every connection to a cache is made so; `error` events are nobody's business. */
export function connect(
  { host, port, tls }: Endpoints['caches'][Region],
  account: Account | undefined,
): Cluster & FunctionCommands {
  const cluster = new Cluster([{ host, port }], {
    scripts: FUNCTIONS,
    // What can't be sent now is answered by a database, not kept for later.
    enableOfflineQueue: false,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    clusterRetryStrategy: (attempts) => Math.min(50 * attempts, MOST_RECONNECT_DELAY_MS),
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    // Certificates name hosts, not addresses.
    dnsLookup: (address, callback) => callback(null, address),
    redisOptions: {
      scripts: FUNCTIONS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_MS,
      ...(account === undefined ? {} : { username: account.user, password: account.password }),
      ...(tls === false ? {} : { tls: tls === true ? {} : tls }),
    },
  });
  gatherWrites(cluster);
  // Failures are the business of each call; an `error` event without a listener would end the process.
  cluster.on('error', () => undefined);
  return cluster as Cluster & FunctionCommands;
}
