import { setTimeout as pause } from 'node:timers/promises';
import { HOLD_MS } from '../../lambdas/failover';
import type { Region } from '../../topology';
import { type Footing, reasonsAgainstHold } from './reasons';
import { clustersOf, type HoldSystem } from './system';

export interface Holding {
  readonly unit: string;
  readonly system: HoldSystem;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/** What came of it, in a form for programs. `refused`: it never began. `ended`: by itself, for these reasons. */
export interface Held {
  readonly unit: string;
  readonly region: Region | undefined;
  readonly outcome: 'refused' | 'ended' | 'interrupted';
  readonly reasons: readonly string[];
  readonly isArbiterBack: boolean;
  readonly extensions: number;
  readonly heldForS: number;
}

const EVERY_MS = 1000;
/** A cache or a writer may be late once: the lease runs on meanwhile. */
const MOST_LATE_MS = 3000;

/**
 * Keeps a unit's writer entitled to write while the arbiter is away: extends its lease again and again, a few seconds beyond
 * the writer's own clock, as long as both caches allow it. Whoever reaches the arbiter and moves the unit tells the caches first.
 *
 * @throws the client's error if RDS does not tell where the unit is written
 */
export async function holdUnit({ unit, system, signal, tell }: Holding): Promise<Held> {
  const clusters = clustersOf(unit);
  const heldIn = await system.writerOf(clusters);
  if (heldIn === undefined) {
    const reasons = [`the writers of unit ${unit} are being moved`];
    return { unit, region: undefined, outcome: 'refused', reasons, isArbiterBack: false, extensions: 0, heldForS: 0 };
  }
  const watch = new Watch(system, unit, heldIn);
  await watch.look();
  const watching = watch.run();
  const startedAtMs = performance.now();
  let extendedAtMs = startedAtMs;
  let extensions = 0;
  const end = (outcome: Held['outcome'], reasons: readonly string[]): Held => {
    const heldForS = extensions === 0 ? 0 : Math.round((extendedAtMs - startedAtMs) / 100) / 10;
    return { unit, region: heldIn, outcome, reasons, isArbiterBack: watch.isArbiterHeard, extensions, heldForS };
  };
  try {
    for (;;) {
      if (signal.aborted) return end('interrupted', []);
      const { reasons, isLate } = await extendOnce(system, { unit, heldIn, clusters: clusters.length }, watch);
      if (reasons.length === 0) {
        extensions += 1;
        extendedAtMs = performance.now();
        if (extensions === 1) tell(`unit ${unit} is held in region ${heldIn}: its writer may write on; Ctrl-C ends it`);
      } else if (extensions === 0 || !isLate || performance.now() - extendedAtMs > MOST_LATE_MS) {
        return end(extensions === 0 ? 'refused' : 'ended', reasons);
      }
      await pause(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    watch.stop();
    await watching;
  }
}

/** @returns why the lease was not extended, and whether that may be so once: somebody did not answer in time */
async function extendOnce(
  { cache, leases }: HoldSystem,
  { unit, heldIn, clusters }: { unit: string; heldIn: Region; clusters: number },
  { isArbiterHeard, writer }: Pick<Watch, 'isArbiterHeard' | 'writer'>,
): Promise<{ reasons: readonly string[]; isLate: boolean }> {
  const footing = { unit, heldIn, writer, clusters, isArbiterHeard };
  const nobody = { A: undefined, B: undefined };
  const known = await leases.readEpochs(unit, heldIn).catch(() => undefined);
  if (known === undefined) return { reasons: [`the writer of unit ${unit} does not answer`], isLate: true };
  const epochs = known.map(({ epoch }) => epoch);
  const [epoch] = epochs;
  const startedAtMs = performance.now();
  const answers = epoch === undefined ? nobody : await cache.takeHold(unit, epoch);
  const clocks = await leases.readEpochs(unit, heldIn).catch(() => []);
  const askedForMs = Math.round(performance.now() - startedAtMs);
  const seen: Footing = { ...footing, epochs: clocks.map((clock) => clock.epoch), answers, askedForMs };
  const reasons = reasonsAgainstHold(seen);
  if (reasons.length > 0)
    return { reasons, isLate: Object.values(answers).every((answer) => answer === undefined || answer === 'held') };
  const held = await Promise.all(
    clocks.map((clock) => leases.hold({ unit, ...clock }, HOLD_MS, heldIn).catch(() => undefined)),
  );
  if (held.every((stands) => stands === true)) return { reasons: [], isLate: false };
  const isLate = held.every((stands) => stands !== false);
  return {
    reasons: [isLate ? `the writer of unit ${unit} does not answer` : `unit ${unit} has another epoch`],
    isLate,
  };
}

/** Looks beside the hold, because what is lost may take long not to answer. */
class Watch {
  isArbiterHeard = false;
  writer: Region | undefined;
  readonly #system: HoldSystem;
  readonly #unit: string;
  readonly #ending = new AbortController();

  constructor(system: HoldSystem, unit: string, writer: Region) {
    this.#system = system;
    this.#unit = unit;
    this.writer = writer;
  }

  async run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await pause(EVERY_MS, undefined, { signal: this.#ending.signal }).catch(() => undefined);
      await this.look();
    }
  }

  async look(): Promise<void> {
    const asked = this.#system.askArbiter(this.#unit).then(
      () => true,
      () => false,
    );
    // Where RDS does not tell, nothing new is known: whoever moves the unit has told the caches.
    const known = this.writer;
    this.writer = await this.#system.writerOf(clustersOf(this.#unit)).catch(() => known);
    if (await asked) this.isArbiterHeard = true;
  }

  stop(): void {
    this.#ending.abort();
  }
}
