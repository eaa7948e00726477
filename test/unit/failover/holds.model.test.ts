import fc from 'fast-check';
import { HOLD_KEPT_MS, YOUNG_S } from '../../../lambdas/cache/holds';
import { HOLD_MS, isFreeOfHolds, mayHold } from '../../../lambdas/failover/holds';
import { REGIONS, type Region } from '../../../topology';

/** A rule that a run of the model goes without. */
type Without = 'the word of a move' | 'the word of a hold' | 'the age of a cache' | 'the time that a hold takes';

const OLD_EPOCH = 1;
const NEW_EPOCH = 2;
const LASTS_MS = 60_000;
const LOOK_EVERY_MS = 500;
const HOLD_EVERY_MS = 1000;
const BEAT_EVERY_MS = 3000;

/** What happens, each at its time. */
class Timeline {
  nowMs = 0;
  readonly #due: { readonly atMs: number; readonly act: () => void }[] = [];

  after(ms: number): Promise<void> {
    return new Promise((act) => void this.#due.push({ atMs: this.nowMs + ms, act }));
  }

  async run(untilMs: number): Promise<void> {
    for (;;) {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      this.#due.sort((one, other) => one.atMs - other.atMs);
      const next = this.#due[0];
      if (next === undefined || next.atMs > untilMs) return;
      this.#due.shift();
      this.nowMs = next.atMs;
      next.act();
    }
  }
}

/** What `lambdas/cache/holds.ts` has a cache do in one step; heartbeats of both regions say all the while that the arbiter is lost. */
class HoldingCache {
  #moving = 0;
  #heldUntilMs = 0;
  #beganAtMs = -3_600_000;
  readonly #time: Timeline;
  readonly #without: Without | undefined;

  constructor(time: Timeline, without: Without | undefined) {
    this.#time = time;
    this.#without = without;
  }

  beginAnew(): void {
    [this.#moving, this.#heldUntilMs, this.#beganAtMs] = [0, 0, this.#time.nowMs];
  }

  announceMove(epoch: number): 'free' | 'held' {
    if (this.#without !== 'the word of a move') this.#moving = Math.max(this.#moving, epoch);
    if (this.#isYoung()) return 'held';
    return this.#time.nowMs < this.#heldUntilMs && this.#without !== 'the word of a hold' ? 'held' : 'free';
  }

  takeHold(epoch: number): 'held' | 'moving' | 'young' {
    if (this.#isYoung()) return 'young';
    if (this.#moving > epoch) return 'moving';
    this.#heldUntilMs = this.#time.nowMs + HOLD_KEPT_MS;
    return 'held';
  }

  #isYoung(): boolean {
    const uptimeS = Math.floor((this.#time.nowMs - this.#beganAtMs) / 1000);
    return uptimeS < YOUNG_S && this.#without !== 'the age of a cache';
  }
}

interface Story {
  /** How long each call takes on its way there, and on its way back, in turn. */
  readonly delaysMs: readonly number[];
  /** When the epoch is taken, after all leases that were granted by heartbeats have ended. */
  readonly movesAtMs: number;
  /** Which caches the run reaches. */
  readonly reached: readonly Region[];
  /** A cache that begins anew, without what it knew. */
  readonly anew: { readonly region: Region; readonly atMs: number };
  /** How long RDS takes. */
  readonly promotesAfterMs: number;
}

const stories: fc.Arbitrary<Story> = fc.record({
  delaysMs: fc.array(
    fc.oneof({ weight: 12, arbitrary: fc.nat({ max: 300 }) }, { weight: 1, arbitrary: fc.nat({ max: 20_000 }) }),
    { minLength: 20, maxLength: 60 },
  ),
  movesAtMs: fc.nat({ max: 25_000 }),
  reached: fc.subarray([...REGIONS], { minLength: 1 }),
  anew: fc.record({ region: fc.constantFrom(...REGIONS), atMs: fc.nat({ max: LASTS_MS }) }),
  promotesAfterMs: fc.nat({ max: 15_000 }),
});

/** @returns for how long the old writer could still write once the new one was promoted; undefined if none was */
async function overlapMs(story: Story, without?: Without): Promise<number | undefined> {
  const time = new Timeline();
  const caches = { A: new HoldingCache(time, without), B: new HoldingCache(time, without) };
  let calls = 0;
  const way = () => time.after(story.delaysMs[calls++ % story.delaysMs.length] ?? 0);
  const ask = async <T>(act: () => T): Promise<T> => {
    await way();
    const answer = act();
    await way();
    return answer;
  };
  let leaseUntilMs = 0;
  let promotedAtMs: number | undefined;
  let overlap: number | undefined;
  const both = async <T>(regions: readonly Region[], act: (cache: HoldingCache) => T) => {
    const answers = await Promise.all(
      REGIONS.map((name) => (regions.includes(name) ? ask(() => act(caches[name])) : undefined)),
    );
    return { A: answers[0], B: answers[1] };
  };

  async function holder(): Promise<void> {
    for (;;) {
      const startedAtMs = time.nowMs;
      const answers = await both(REGIONS, (cache) => cache.takeHold(OLD_EPOCH));
      const readMs = await ask(() => time.nowMs);
      const askedForMs = without === 'the time that a hold takes' ? 0 : time.nowMs - startedAtMs;
      // It may sleep in a socket for as long as it likes.
      if (mayHold(answers, askedForMs)) {
        void ask(() => {
          leaseUntilMs = Math.max(leaseUntilMs, readMs + HOLD_MS);
          if (promotedAtMs !== undefined) overlap = Math.max(overlap ?? 0, leaseUntilMs - time.nowMs);
        });
      }
      await time.after(HOLD_EVERY_MS);
    }
  }

  async function mover(): Promise<void> {
    await time.after(story.movesAtMs);
    while (!isFreeOfHolds(await both(story.reached, (cache) => cache.announceMove(NEW_EPOCH)), 0)) {
      await time.after(LOOK_EVERY_MS);
    }
    void time.after(story.promotesAfterMs).then(() => {
      promotedAtMs = time.nowMs;
      overlap = Math.max(0, leaseUntilMs - time.nowMs);
    });
    // It is told again with each look, and later with each beat.
    for (;;) {
      await time.after(promotedAtMs === undefined ? LOOK_EVERY_MS : BEAT_EVERY_MS);
      for (const region of story.reached) void time.after(100).then(() => caches[region].announceMove(NEW_EPOCH));
    }
  }

  void holder();
  void mover();
  void time.after(story.anew.atMs).then(() => caches[story.anew.region].beginAnew());
  await time.run(LASTS_MS);
  return overlap;
}

test('no lease that is granted by hand is alive once another writer is promoted', async () => {
  let promoted = 0;
  const property = fc.asyncProperty(stories, async (story) => {
    const overlap = await overlapMs(story);
    promoted += overlap === undefined ? 0 : 1;
    expect(overlap ?? 0).toBe(0);
  });
  await fc.assert(property, { numRuns: 150 });
  expect(promoted).toBeGreaterThan(75);
});

test('a hold goes on for as long as nobody moves the unit, and a move waits only for the hold that there is', async () => {
  const calm: Story = {
    delaysMs: [5],
    movesAtMs: 20_000,
    reached: REGIONS,
    anew: { region: 'A', atMs: LASTS_MS },
    promotesAfterMs: 0,
  };
  expect(await overlapMs(calm)).toBe(0);
});

test.each<Without>(['the word of a move', 'the word of a hold', 'the age of a cache', 'the time that a hold takes'])(
  'the model finds what goes wrong without %s',
  async (without) => {
    const property = fc.asyncProperty(stories, async (story) => {
      expect((await overlapMs(story, without)) ?? 0).toBe(0);
    });
    const { failed } = await fc.check(property, { numRuns: 3000, seed: 7, endOnFailure: true });
    expect(failed).toBe(true);
  },
  60_000,
);
