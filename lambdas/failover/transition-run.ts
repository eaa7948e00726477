import { randomUUID } from 'node:crypto';
import { type Region, UNITS } from '../../topology';
import type { Arbiter, Transition, TransitionStep, UnitDecision } from '../arbiter';
import type { Cache } from '../cache';
import type { Clock, Log } from '../core';
import type { Shards } from '../shards';
import type { Clusters } from './clusters';
import { deedOf } from './deeds';
import { readGrantMs, renewLease } from './heartbeat';
import { isFreeOfHolds } from './holds';
import { type Hand, isLeaseOver, stepped, waited } from './transition';
import { Waiting } from './waiting';

export interface RunParts {
  readonly arbiter: Pick<Arbiter, 'decisions' | 'audit'>;
  readonly shards: Pick<Shards, 'fences' | 'leases'>;
  readonly clusters: Pick<Clusters, 'describe' | 'switchOver' | 'failOver'>;
  readonly region: Region;
  readonly clock: Clock;
  readonly log: Log;
  /** Brings the commands that were journaled in fallback into their rows. @returns what became of them, for the audit */
  readonly drain: (unit: string, decision: UnitDecision) => Promise<unknown>;
  /**
   * Brings what the old writer committed, and the new one may lack, to the new one. @returns what was found, for the
   * audit
   */
  readonly replay: (unit: string, decision: UnitDecision) => Promise<unknown>;
  /** Tells the caches that the unit is moved under this epoch. @returns what those said that answered */
  readonly announceMove: Cache['announceMove'];
  /** Tells requests what has been reached. */
  readonly announce: (decision: UnitDecision) => Promise<void>;
  /** Resolves after so many milliseconds, or sooner where this environment is about to end. */
  readonly pause: (ms: number) => Promise<void>;
}

/** Why a step counts as taken. */
interface Evidence {
  readonly reason?: string;
  readonly detail?: unknown;
}

const LOOK_EVERY_MS = 500;
/** Of a long wait no more than this is lost with the run that waited. */
const KEEP_EVERY_MS = 5000;

/**
 * Carries a unit's transition on, step by step. Any number of runs may do so at once, be killed at any moment, and begin
 * again: each step can be repeated, and counts as taken by whoever puts it into the decision first.
 */
export class TransitionRun {
  readonly #parts: RunParts;
  readonly #unit: string;
  readonly #name: string;
  readonly #waiting: Waiting;
  /** What this run has told of. */
  readonly #heldUpBy = new Set<string>();
  /** Under which the unit is moved: told again with each look, because a cache may begin anew. */
  #movesUnder: number | undefined;
  /** Since when no cache could be told. */
  #untoldSinceMs: number | undefined;

  constructor(parts: RunParts, unit: string) {
    this.#parts = parts;
    this.#unit = unit;
    this.#name = `${parts.region}/${randomUUID()}`;
    this.#waiting = new Waiting(parts.clock);
  }

  /** @returns whether nothing is left to do; false if it was told to end before */
  async advance(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const progress = await this.#tryStep();
      if (progress === 'settled') return true;
      if (signal.aborted) return false;
      if (progress === 'none') await this.#parts.pause(LOOK_EVERY_MS);
    }
  }

  async #tryStep(): Promise<'settled' | 'some' | 'none'> {
    let seen: UnitDecision | undefined;
    if (this.#movesUnder !== undefined) void this.#parts.announceMove(this.#unit, this.#movesUnder);
    try {
      seen = await this.#parts.arbiter.decisions.unit(this.#unit);
      if (seen?.transition === undefined) return 'settled';
      this.#waiting.look(seen.epoch, seen.transition.waitedMs);
      this.#movesUnder = seen.transition.step === 'silence' ? undefined : seen.epoch;
      const evidence = await this.#take(seen, seen.transition);
      if (evidence === undefined) return 'none';
      await this.#complete(seen, seen.transition, evidence);
      return 'some';
    } catch (error) {
      await this.#heldUp(seen, error as Error);
      return 'none';
    }
  }

  /** @returns undefined while the step is not done */
  #take(seen: UnitDecision, transition: Transition): Promise<Evidence | undefined> {
    const acts: Record<TransitionStep, () => Promise<Evidence | undefined>> = {
      silence: () => this.#silence(seen, transition),
      promote: () => this.#promote(seen, transition),
      fence: () => this.#fence(seen, transition.to),
      drain: async () => ({ detail: await this.#parts.drain(this.#unit, seen) }),
      replay: async () => ({ detail: await this.#parts.replay(this.#unit, seen) }),
      open: async () => ({}),
    };
    return acts[transition.step]();
  }

  /**
   * Nobody can commit under the old epoch any more once the old writer's fence names the new one, or once every lease
   * has ended that was granted before the epoch was taken, or by hand.
   */
  async #silence(seen: UnitDecision, transition: Transition): Promise<Evidence | undefined> {
    if (isLeaseOver(transition, this.#waiting.ms()) && (await this.#isFreeOfHolds(seen))) {
      return { reason: 'every lease that was granted before has ended' };
    }
    const fenced = await this.#fence(seen, transition.from).catch((error: Error) => {
      this.#parts.log.warn('the old writer is waited for: its fence was not raised', { unit: this.#unit, error });
      return undefined;
    });
    if (fenced !== undefined) return fenced;
    await this.#keepWaiting(seen, transition);
    return undefined;
  }

  async #isFreeOfHolds({ epoch }: UnitDecision): Promise<boolean> {
    const { clock, announceMove, log } = this.#parts;
    const answers = await announceMove(this.#unit, epoch);
    const isTold = Object.values(answers).some((answer) => answer !== undefined);
    this.#untoldSinceMs = isTold ? undefined : (this.#untoldSinceMs ?? clock.monotonicMs());
    const untoldForMs = this.#untoldSinceMs === undefined ? 0 : clock.monotonicMs() - this.#untoldSinceMs;
    const isFree = isFreeOfHolds(answers, untoldForMs);
    if (!isFree) log.warn('a unit may be held by hand', { unit: this.#unit, ...answers, untoldForMs });
    return isFree;
  }

  async #keepWaiting(seen: UnitDecision, transition: Transition): Promise<void> {
    const waitedMs = Math.floor(this.#waiting.ms());
    if (waitedMs - transition.waitedMs < KEEP_EVERY_MS) return;
    await this.#parts.arbiter.decisions.replaceUnit(seen, waited(seen, transition, waitedMs));
  }

  /** Done when the writers of all clusters are seen where they belong. */
  async #promote(seen: UnitDecision, { kind, to }: Transition): Promise<Evidence | undefined> {
    const { clusters } = this.#parts;
    const names = UNITS.find(({ name }) => name === this.#unit)?.clusters ?? [];
    let isDone = true;
    for (const name of names) {
      const state = await clusters.describe(name);
      if (state.writer === to && state.status === 'available') continue;
      isDone = false;
      if (state.status === 'moving') continue;
      // A run that slept must move nothing for an epoch that has passed, or from a step that others have taken since.
      const isWanted = () => this.#isCurrent(seen);
      await (kind === 'failover' ? clusters.failOver(name, to, isWanted) : clusters.switchOver(name, to, isWanted));
    }
    return isDone ? { reason: `the writers of ${names.join(', ')} stand in region ${to}` } : undefined;
  }

  async #isCurrent(seen: UnitDecision): Promise<boolean> {
    const now = await this.#parts.arbiter.decisions.unit(this.#unit);
    return now?.epoch === seen.epoch && now.transition?.step === seen.transition?.step;
  }

  async #fence({ unit, epoch }: UnitDecision, region: Region): Promise<Evidence | undefined> {
    const standing = await this.#parts.shards.fences.raise(unit, epoch, region);
    return standing >= epoch ? { reason: `the fence in region ${region} names epoch ${epoch}` } : undefined;
  }

  async #complete(seen: UnitDecision, transition: Transition, evidence: Evidence): Promise<void> {
    const { arbiter, clock, announce, log } = this.#parts;
    const hand: Hand = { by: this.#name, nowMs: clock.nowMs() };
    const next = stepped(seen, transition, hand);
    if (!(await arbiter.decisions.replaceUnit(seen, next))) return;
    if (next.transition === undefined) await this.#grant(next);
    await this.#tell(seen, transition, { outcome: 'done', ...evidence }, hand.nowMs);
    await announce(next).catch((error: Error) =>
      log.warn('requests learn of a step later', { unit: this.#unit, error }),
    );
  }

  /** At once, instead of with the next beat: whoever writes waits for it. */
  async #grant(opened: UnitDecision): Promise<void> {
    const { arbiter, shards, log } = this.#parts;
    try {
      await renewLease({ arbiter, shards }, opened, await readGrantMs(arbiter));
    } catch (error) {
      log.warn('the lease of an opened unit waits for a heartbeat', { unit: this.#unit, error: error as Error });
    }
  }

  /** Told once for each reason, not at every look. */
  async #heldUp(seen: UnitDecision | undefined, error: Error): Promise<void> {
    this.#parts.log.warn('a transition is held up', { unit: this.#unit, step: seen?.transition?.step, error });
    const told = `${seen?.epoch} ${seen?.transition?.step} ${error.message}`;
    if (seen?.transition === undefined || this.#heldUpBy.has(told)) return;
    this.#heldUpBy.add(told);
    await this.#tell(seen, seen.transition, { outcome: 'noted', reason: error.message }, this.#parts.clock.nowMs());
  }

  async #tell(
    { epoch }: UnitDecision,
    transition: Transition,
    { outcome, reason, detail }: Evidence & { outcome: 'done' | 'noted' },
    atMs: number,
  ): Promise<void> {
    const entry = {
      subject: `unit/${this.#unit}`,
      actor: `failover in region ${this.#parts.region}`,
      action: deedOf(this.#unit, epoch, transition, outcome),
      outcome,
      ...(reason === undefined ? {} : { reason }),
      ...(detail === undefined ? {} : { detail }),
    };
    const once = { atMs, name: `${epoch}-${transition.step}-${outcome}` };
    await this.#parts.arbiter.audit
      .append(entry, once)
      .catch((error: Error) => this.#parts.log.warn('a step is missing in the audit', { unit: this.#unit, error }));
  }
}
