import type { Arbiter, Claim } from '../arbiter';
import { type ClaimReference, type Clock, unavailable } from '../core';
import { boundedBy, boundedMs, type Deadline } from '../resilience';
import { rangeOf, type Shards } from '../shards';
import type { Switches, UnitState } from '../switches';
import { decideEncounter, type EncounterStep, type Evidence } from './encounters';
import { refusal } from './refusals';

const TRIP_TIMEOUT_MS = 2000;
const NOTHING_KNOWN: Evidence = { document: undefined, decided: undefined };

export interface ClaimParts {
  readonly arbiter: Arbiter;
  readonly shards: Shards;
  readonly switches: Switches;
  readonly clock: Clock;
}

/** What was learned about a claim that is not free, and under which state of its holder's unit. */
export interface Examined {
  readonly step: EncounterStep;
  readonly evidence: Evidence;
  readonly unit: UnitState;
}

/** Claims that stand: what they mean is proved by member rows, under the fence and the lease of the holder's unit. */
export class Claims {
  readonly #parts: ClaimParts;

  constructor(parts: ClaimParts) {
    this.#parts = parts;
  }

  /**
   * Asks the holder's row. An operation whose lease is over is decided as aborted here: examine the claim again then.
   *
   * @throws Problem UNAVAILABLE where the holder's writer cannot be asked; EpochPassed
   */
  async examine(claim: Claim, deadline?: Deadline): Promise<Examined> {
    const unit = await this.#unit(unitOf(claim), deadline);
    const evidence = await this.#ask(claim, unit, deadline);
    // Its operation holds the locks right now: it is as much under way as one can be.
    if (evidence === 'busy') return { step: 'wait', evidence: NOTHING_KNOWN, unit };
    const step = decideEncounter(claim, evidence, this.#parts.clock.nowMs());
    if (step === 'abort-first' && !(await this.#abort(claim, unit, deadline))) return { step: 'wait', evidence, unit };
    return { step, evidence, unit };
  }

  /**
   * Brings a forgotten pending claim to its end: held if its row holds it, else free.
   *
   * @returns whether it came to an end
   */
  async finish(claim: Claim): Promise<boolean> {
    const { step } = await this.examine(claim);
    if (step === 'held') return this.#parts.arbiter.claims.hold(claim.key, claim.generation);
    if (step === 'wait') return false;
    if (step === 'abort-first') return this.finish(claim);
    await this.recordMove(claim);
    return this.#parts.arbiter.claims.free(claim.key, claim.generation, claim.operationId);
  }

  /** Frees claims that a committed event gave up. */
  async free(memberId: string, claims: readonly ClaimReference[]): Promise<void> {
    for (const { key, generation } of claims) {
      await this.recordMove({ key, generation, memberId });
      await this.#parts.arbiter.claims.free(key, generation);
    }
  }

  /** Turns claims that a committed event holds. */
  async hold(claims: readonly ClaimReference[]): Promise<void> {
    for (const { key, generation } of claims) await this.#parts.arbiter.claims.hold(key, generation);
  }

  /** Before a claim moves: the replay after a failover takes the binding from the row, should it have come back. */
  recordMove(claim: Pick<Claim, 'key' | 'generation' | 'memberId'>, deadline?: Deadline): Promise<void> {
    const { key, generation, memberId } = claim;
    const { arbiter, clock } = this.#parts;
    const recorded = arbiter.journal.recordMove(unitOf(claim), clock.nowMs(), { key, memberId, generation });
    return boundedBy(deadline, recorded, 'the arbiter');
  }

  async #ask(claim: Claim, unit: UnitState, deadline: Deadline | undefined): Promise<Evidence | 'busy'> {
    const { shards, switches } = this.#parts;
    const timeoutMs = boundedMs(TRIP_TIMEOUT_MS, deadline);
    const read = await shards.members.readFenced(claim, unit.epoch, unit.writer, timeoutMs);
    if (read.kind === 'busy') return 'busy';
    if (read.kind !== 'read') throw await refusal(read, unitOf(claim), switches, deadline);
    return { document: read.row?.document, decided: read.decided };
  }

  /** @returns false while a failover may have left the operation's event behind */
  async #abort(claim: Claim, unit: UnitState, deadline: Deadline | undefined): Promise<boolean> {
    const { shards, switches } = this.#parts;
    const timeoutMs = boundedMs(TRIP_TIMEOUT_MS, deadline);
    const outcome = await shards.members.abort(claim, unit.epoch, unit.writer, timeoutMs);
    if (outcome.kind === 'undecided') return false;
    if (outcome.kind === 'aborted' || outcome.kind === 'committed') return true;
    throw await refusal(outcome, unitOf(claim), switches, deadline);
  }

  async #unit(name: string, deadline: Deadline | undefined): Promise<UnitState> {
    const { switches } = this.#parts;
    const unit = (await switches.current()).units[name] ?? (await switches.unitNow(name, deadline));
    // In fallback the journal stands for the rows of a unit, so its claims are not judged by its rows.
    if (unit.mode !== 'database') throw unavailable(`unit ${name} is in mode ${unit.mode}`);
    return unit;
  }
}

export function unitOf({ memberId }: Pick<Claim, 'memberId'>): string {
  return rangeOf(memberId).unit;
}
