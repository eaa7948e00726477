import fc from 'fast-check';
import type { Cache } from '../../../lambdas/cache';
import { decodeEntry } from '../../../lambdas/cache/entry';
import { leaseKey } from '../../../lambdas/cache/keys';
import { CacheServer } from '../../../lambdas/cache/server';
import { systemClock } from '../../../lambdas/core';
import { REGIONS, type Region } from '../../../topology';
import { freshKey, silent, TwoRegions } from './two-regions';

/** What readers and writers meet in a run is short: every protection is removed here by chance, not by waiting. */
interface Write {
  readonly isMarked: boolean;
  /** Whether the writer itself gets through to each region's cache; the events always do, at last. */
  readonly isFenced: Readonly<Record<Region, boolean>>;
  readonly isEventRepeated: boolean;
}

interface Read {
  readonly environment: number;
  readonly asksFor: 'anything' | 'the latest';
  /** Paused for longer than a lease lives, so that somebody else can have it meanwhile. */
  readonly losesLease: boolean;
}

const write = fc.record({
  // A mark without its fence keeps the rest of a run from filling anything.
  isMarked: fc.constantFrom(true, false, false, false),
  isFenced: fc.record({ A: fc.boolean(), B: fc.boolean() }),
  isEventRepeated: fc.boolean(),
});

const read = fc.record({
  environment: fc.nat({ max: 2 }),
  asksFor: fc.constantFrom('anything', 'anything', 'the latest'),
  losesLease: fc.boolean(),
});

/**
 * By environment. Its loaders should turn to the writer when the replica is below the floor; the cache must not depend on
 * it. All of an environment do or none does, because reads share their loads.
 */
const respect = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean());

/** A turn's calls to Redis are over by then, unless the machine is busy: then turns mix with them, which is as well. */
const MOST_PATIENCE_MS = 4;

/** Replicas lag by less than this, and the servers have been running for longer. */
const BEHIND_MS = 500;

let regions: TwoRegions;
/** Of whoever writes. */
let servers: Readonly<Record<Region, CacheServer>>;
/** Of whoever reads. */
let environments: { region: Region; cache: Cache }[];
beforeAll(async () => {
  regions = await TwoRegions.start();
  const serverOf = (region: Region) =>
    new CacheServer({ region, address: regions[region].address, timeoutMs: 10_000, clock: systemClock, log: silent });
  servers = { A: serverOf('A'), B: serverOf('B') };
  environments = await Promise.all(
    (['A', 'A', 'B'] as const).map(async (region) => ({ region, cache: await regions.environment(region) })),
  );
});
afterAll(async () => {
  for (const region of REGIONS) servers[region].close();
  await regions.stop();
});

/** One member's row, its replica, and what has been promised about it. */
class Scenario {
  readonly key = freshKey();
  readonly #scheduler: fc.Scheduler;
  #writer = 1;
  #replica = 1;
  /** The highest version whose fence a region's cache has confirmed to its writer. */
  readonly #confirmed: Record<Region, number> = { A: 0, B: 0 };
  readonly #later: Promise<void>[] = [];
  #underWay = 0;

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Ends when the next one may begin; its events and its replication may come any time later. */
  async write({ isMarked, isFenced, isEventRepeated }: Write, name: string): Promise<void> {
    if (isMarked) {
      await this.#turn(`${name} marks`);
      await Promise.all(REGIONS.map((region) => servers[region].mark(this.key, name)));
    }
    await this.#turn(`${name} commits`);
    this.#writer += 1;
    const version = this.#writer;
    const events = isEventRepeated ? [...REGIONS, ...REGIONS] : REGIONS;
    for (const region of events) this.#later.push(this.#act(() => this.#fence(region, version, `event of ${name}`)));
    this.#later.push(this.#act(() => this.#replicate(version, name)));
    const reached = REGIONS.filter((region) => isFenced[region]);
    for (const region of reached) await this.#fence(region, version, name, name);
  }

  /** Gives turns until all this has happened, and what it put off. */
  async play(acts: readonly (() => Promise<void>)[]): Promise<void> {
    const playing = acts.map((act) => this.#act(act));
    const give: fc.SchedulerAct = async (turn) => {
      await turn();
      await this.#settle();
    };
    await this.#scheduler.waitFor(Promise.all(playing), give);
    await this.#scheduler.waitFor(Promise.all(this.#later), give);
  }

  /** Lets whoever has had a turn come to its next one, unless it waits for somebody else's. */
  async #settle(): Promise<void> {
    const endsAtMs = performance.now() + MOST_PATIENCE_MS;
    while (this.#underWay > 0 && performance.now() < endsAtMs) await new Promise((resolve) => setImmediate(resolve));
  }

  async read({ environment, asksFor, losesLease }: Read, respectsFloor: boolean, name: string): Promise<void> {
    await this.#turn(`${name} begins`);
    const { cache, region } = environments[environment] ?? fail();
    const minVersion = asksFor === 'the latest' ? this.#writer : 0;
    const promised = Math.max(minVersion, respectsFloor ? this.#confirmed[region] : 0);
    const outcome = await cache.read({
      key: this.key,
      minVersion,
      load: async ({ floor }) => {
        await this.#turn(`${name} loads`);
        const least = Math.max(minVersion, respectsFloor ? floor : 0);
        const version = this.#replica >= least ? this.#replica : this.#writer;
        if (losesLease) {
          await this.#turn(`${name} loses its lease`);
          await regions[region].inside.del(leaseKey(this.key));
        }
        await this.#turn(`${name} has loaded`);
        return {
          kind: 'fillable',
          entry: { version, flag: 'v', body: `${version}` },
          behindMs: BEHIND_MS,
        };
      },
    });
    const version = versionIn(outcome);
    if (version < promised) throw new Error(`${name} was promised ${promised} and got ${version}`);
  }

  /** Once all is quiet, a cache holds the latest version or nothing, and is able to hold it. */
  async expectFresh(): Promise<void> {
    for (const { region, cache } of environments) {
      const stored = decodeEntry(await regions[region].inside.get(this.key), 0);
      expect([undefined, this.#writer]).toContain(stored?.version);
      expect(stored?.body).toBe(stored && `${stored.version}`);
      const outcome = await cache.read({
        key: this.key,
        load: async () => ({
          kind: 'fillable',
          entry: { version: this.#replica, flag: 'v', body: `${this.#replica}` },
          behindMs: BEHIND_MS,
        }),
      });
      expect(versionIn(outcome)).toBe(this.#writer);
    }
  }

  async #fence(region: Region, version: number, by: string, operationId?: string): Promise<void> {
    await this.#turn(`${by} fences ${region}`);
    await servers[region].fence({ key: this.key, version }, operationId);
    this.#confirmed[region] = Math.max(this.#confirmed[region], version);
  }

  async #replicate(version: number, name: string): Promise<void> {
    await this.#turn(`${name} is replicated`);
    this.#replica = Math.max(this.#replica, version);
  }

  /** Runs somebody from beginning to end; between its turns it is not under way. */
  async #act(act: () => Promise<void>): Promise<void> {
    this.#underWay += 1;
    try {
      await act();
    } finally {
      this.#underWay -= 1;
    }
  }

  async #turn(label: string): Promise<void> {
    this.#underWay -= 1;
    await this.#scheduler.schedule(Promise.resolve(), label);
    this.#underWay += 1;
  }
}

function fail(): never {
  throw new Error('there is no such environment');
}

function versionIn(outcome: Awaited<ReturnType<Cache['read']>>): number {
  if (outcome.source === 'cache') return outcome.entry.version;
  return outcome.found.kind === 'fillable' ? outcome.found.entry.version : 0;
}

describe('random interleavings of readers, writers, replication and events', () => {
  it('races 2, 4, 5, 19: leave no stale value, and break no promise on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(write, { minLength: 1, maxLength: 3 }),
        fc.array(read, { minLength: 2, maxLength: 8 }),
        respect,
        async (scheduler, writes, reads, respects) => {
          const scenario = new Scenario(scheduler);
          // One after another, as the row's own compare-and-set has it.
          const writing = async () => {
            for (const [index, each] of writes.entries()) await scenario.write(each, `write ${index}`);
          };
          const reading = reads.map(
            (each, index) => () => scenario.read(each, respects[each.environment] ?? false, `read ${index}`),
          );
          await scenario.play([writing, ...reading]);
          await scenario.expectFresh();
        },
      ),
      { numRuns: 100 },
    );
  });
});
