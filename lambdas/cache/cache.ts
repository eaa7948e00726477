import { otherRegion, type Region } from '../../topology';
import { type Account, type Clock, type Endpoints, type Log, type Metrics, unavailable } from '../core';
import type { CallReport, DayOfCalls, EnvironmentCensus, SecondOfCalls, Take, Taken } from '../traffic';
import type { CacheEntry } from './entry';
import { ARBITER_LIFE_MS, arbiterKey, type HoldAnswer, type MoveAnswer } from './holds';
import { HotCopies } from './hot-copies';
import { type Fence, Invalidation } from './invalidation';
import { Reader, type ReadOutcome, type ReadThrough } from './read-through';
import { CacheServer, type Flight } from './server';

/** How long a call may take: what is slower is answered by a database, and a write waits for no cache any longer. */
const TIMEOUTS_MS = { local: 100, other: 150 };

export interface Cache {
  /**
   * Answers from the local cache; on a miss takes a lease, loads and fills, or waits briefly for the one that fills, or
   * loads without filling. Without the cache it loads.
   * @throws what `load` throws
   */
  read<T>(request: ReadThrough<T>): Promise<ReadOutcome<T>>;
  /** What is cached of each key, in the order asked; nothing is loaded. */
  peekMany(keys: readonly string[]): Promise<(CacheEntry | undefined)[]>;
  /**
   * Before a write: both regions forget the keys, and for 2 s nobody fills them; the other region learns that the operation
   * is under way. Never fails.
   */
  mark(keys: readonly string[], operationId: string, flight?: Flight): Promise<void>;
  /** Instead of a write that came to nothing: ends the operation's marks, so that the keys may be filled again. */
  unmark(keys: readonly string[], operationId: string, flight?: Flight): Promise<void>;
  /**
   * After a write: both regions drop what is older and take nothing older any more; ends the operation's mark and flight.
   * Never fails: what one region could not be told is kept for it in the other one.
   */
  fence(fences: readonly Fence[], operationId?: string, flight?: Flight): Promise<void>;
  /**
   * What a region was told to be under way on members of a placement (`a1:17`), and not the end of.
   * @throws when the cache of that region does not answer
   */
  inFlight(of: Region, placement: string): Promise<string[]>;
  /** Fences this region only. @throws when its cache does not answer */
  fenceHere(fences: readonly Fence[]): Promise<void>;
  /**
   * Tells the other region's cache what it is owed, once it answers; for every heartbeat.
   * @returns how many fences it has taken
   * @throws when the local cache, which keeps them, does not answer
   */
  replayUnfenced(): Promise<number>;
  /** How many the other region's cache is still owed. @throws when the local cache, which keeps them, does not answer */
  owedFences(): Promise<number>;
  /** Values filled under a lower generation are misses. */
  setGeneration(generation: number): void;
  /** `off`: reads ask the database; marks and fences go on, so that `on` finds nothing stale. */
  setMode(mode: 'on' | 'off'): void;
  /** A small text that every environment of the region reads. @throws when the local cache does not answer */
  getText(key: string): Promise<string | undefined>;
  /** Sets it in both regions. @throws when neither took it */
  setTextBoth(key: string, value: string, ttlMs: number): Promise<void>;
  /** Counts calls against a limit in a region. @throws when the cache of that region does not answer */
  take(of: Region, take: Take): Promise<Taken>;
  /** The calls of the last 35 days, by day; what a cache has lost is not among them. @throws when that cache does not answer */
  callsByDay(of: Region): Promise<DayOfCalls[]>;
  /**
   * What environments of this region are asked for together, by account.
   *
   * @returns for each account how often a second it was asked for in both of the last two seconds
   * @throws when the local cache does not answer
   */
  tally(
    name: 'reads' | 'writes',
    ratesPerS: readonly (readonly [account: string, ratePerS: number])[],
  ): Promise<number[]>;
  /** Counts the calls of an environment, by the second. @throws when the local cache does not answer */
  reportCalls(report: CallReport): Promise<EnvironmentCensus>;
  /** The calls of the last ten minutes at most. @throws when the cache of that region does not answer */
  recentCalls(of: Region, durationMs: number): Promise<SecondOfCalls[]>;
  /** Tells both caches, before a unit is given to another writer. @returns what those said that answered */
  announceMove(unit: string, epoch: number): Promise<Readonly<Record<Region, MoveAnswer | undefined>>>;
  /** Asks both caches, before a lease of a unit is granted by hand. @returns what those said that answered */
  takeHold(unit: string, epoch: number): Promise<Readonly<Record<Region, HoldAnswer | undefined>>>;
  /** Says whether this region reaches the arbiter, for who grants leases by hand. @throws when the local cache does not answer */
  noteArbiter(state: 'lost' | 'seen'): Promise<void>;
  /** @throws when the cache of that region, the local one unless another is named, does not answer */
  ping(region?: Region): Promise<void>;
  /** The same with patience, whatever calls that failed have left behind: whether it lives, not whether it is quick. */
  probe(region: Region): Promise<void>;
  close(): Promise<void>;
}

export interface CacheOptions {
  readonly region: Region;
  readonly endpoints: Endpoints['caches'];
  /** The same in both regions; undefined where caches ask for none. */
  readonly account?: Account | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
  /** Between 0 and 1; spreads the expiry of values. */
  readonly random?: () => number;
  /** How long one call to a cache may take; 100 ms here and 150 ms in the other region. */
  readonly timeoutsMs?: { readonly local: number; readonly other: number };
}

export function createCache(options: CacheOptions): Cache {
  const { region, endpoints, account, clock, log, metrics, random = Math.random, timeoutsMs = TIMEOUTS_MS } = options;
  const open = (of: Region, timeoutMs: number) =>
    new CacheServer({ region: of, address: endpoints[of], account, timeoutMs, clock, log, metrics });
  const local = open(region, timeoutsMs.local);
  const other = open(otherRegion(region), timeoutsMs.other);
  const serverOf = (of: Region) => (of === region ? local : other);
  const hot = new HotCopies(clock);
  const reader = new Reader(local, hot, random);
  const invalidation = new Invalidation(local, other);
  /** Copies go before, because they are about to be wrong, and after, because reads of meanwhile may have kept new ones. */
  async function withoutCopies(keys: readonly string[], work: () => Promise<void>): Promise<void> {
    hot.drop(keys);
    try {
      await work();
    } finally {
      hot.drop(keys);
    }
  }

  async function askBoth<T>(ask: (server: CacheServer) => Promise<T>): Promise<Record<Region, T | undefined>> {
    const [mine, theirs] = await Promise.all([local, other].map((server) => ask(server).catch(() => undefined)));
    return region === 'A' ? { A: mine, B: theirs } : { A: theirs, B: mine };
  }

  return {
    read: (request) => reader.read(request),
    peekMany: (keys) => Promise.all(keys.map((key) => reader.peek(key))),
    mark: (keys, operationId, flight) => withoutCopies(keys, () => invalidation.mark(keys, operationId, flight)),
    unmark: (keys, operationId, flight) => invalidation.unmark(keys, operationId, flight),
    fence: (fences, operationId, flight) =>
      withoutCopies(keysOf(fences), () => invalidation.fence(fences, operationId, flight)),
    inFlight: (of, placement) => serverOf(of).inFlight(placement),
    fenceHere: (fences) => withoutCopies(keysOf(fences), () => invalidation.fenceHere(fences)),
    replayUnfenced: () => invalidation.replay(),
    owedFences: () => invalidation.owed(),
    setGeneration: (generation) => {
      if (generation !== reader.generation) hot.clear();
      reader.generation = generation;
    },
    setMode: (mode) => {
      reader.isOn = mode === 'on';
    },
    getText: async (key) => (await local.get(key)) ?? undefined,
    setTextBoth: async (key, value, ttlMs) => {
      const outcomes = await Promise.allSettled([local, other].map((server) => server.set(key, value, ttlMs)));
      if (outcomes.every((outcome) => outcome.status === 'rejected')) throw unavailable('no cache answers');
    },
    take: (of, take) => serverOf(of).take(take),
    reportCalls: (report) => local.reportCalls(report),
    callsByDay: (of) => serverOf(of).callsByDay(),
    tally: (name, ratesPerS) => local.tally(name, ratesPerS),
    recentCalls: (of, durationMs) => serverOf(of).recentCalls(durationMs),
    announceMove: (unit, epoch) => askBoth((server) => server.announceMove(unit, epoch)),
    takeHold: (unit, epoch) => askBoth((server) => server.takeHold(unit, epoch)),
    noteArbiter: (state) => local.set(arbiterKey(state), '1', ARBITER_LIFE_MS[state]),
    ping: (of = region) => serverOf(of).ping(),
    probe: (of) => serverOf(of).probe(),
    close: async () => {
      local.close();
      other.close();
    },
  };
}

const keysOf = (fences: readonly Fence[]): string[] => fences.map((fence) => fence.key);
