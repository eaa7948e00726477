import { setTimeout as pause } from 'node:timers/promises';
import type { Claim, Taking } from '../arbiter';
import { type ClaimReference, Problem } from '../core';
import { boundedBy, type Deadline } from '../resilience';
import type { UnitState } from '../switches';
import { type ClaimParts, type Claims, unitOf } from './claims';
import type { Evidence } from './encounters';

/** A claim is pending for this long; then anyone may finish it. */
export const CLAIM_LEASE_MS = 15_000;
/** A claim that is under way elsewhere is waited for, this long at most. */
const PATIENCE_MS = 5000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 320;

/** Who asks for a claim, in the course of which operation; `requestHash` only where the claim is a request's own. */
export interface Asker {
  readonly memberId: string;
  readonly unit: string;
  readonly operationId: string;
  readonly requestHash?: string;
}

export type Acquired =
  /** Now pending for the asker. */
  | { readonly kind: 'taken'; readonly claim: Claim }
  /** It stands for a row already. */
  | { readonly kind: 'held'; readonly claim: Claim; readonly evidence: Evidence }
  /** Still under way elsewhere after all patience. */
  | { readonly kind: 'busy'; readonly claim: Claim };

/** Takes claims for operations, taking them over where their holder's row has given them up. */
export class ClaimTaker {
  readonly #parts: ClaimParts;
  readonly #claims: Claims;
  readonly #drop: (memberId: string, claim: ClaimReference, deadline: Deadline) => Promise<void>;

  /** @param drop takes a binding off a row whose claim was moved while that row's unit failed over */
  constructor(
    parts: ClaimParts,
    claims: Claims,
    drop: (memberId: string, claim: ClaimReference, deadline: Deadline) => Promise<void>,
  ) {
    this.#parts = parts;
    this.#claims = claims;
    this.#drop = drop;
  }

  /**
   * The claim of a request is taken over for the member that was drawn for the request first.
   *
   * @throws Problem IDEMPOTENCY_MISMATCH; UNAVAILABLE where the holder's writer cannot be asked; EpochPassed
   */
  async acquire(key: string, asker: Asker, deadline: Deadline): Promise<Acquired> {
    const patience = deadline.child(PATIENCE_MS);
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const taking = this.#parts.arbiter.claims.take(key, this.#taking(asker));
      const outcome = await boundedBy(deadline, taking, 'the arbiter');
      const met = outcome.claim;
      if (outcome.won || met.operationId === asker.operationId) return { kind: 'taken', claim: met };
      if (met.requestHash !== asker.requestHash) throw new Problem('IDEMPOTENCY_MISMATCH');
      const { step, evidence, unit } = await this.#claims.examine(met, deadline);
      if (step === 'held') return { kind: 'held', claim: met, evidence };
      if (step === 'take-over') {
        const claim = await this.#takeOver(met, heirOf(met, asker), unit, deadline);
        if (claim !== undefined) return { kind: 'taken', claim };
      }
      if (patience.remainingMs === 0) return { kind: 'busy', claim: met };
      if (step === 'wait') await pause(pauseMs);
    }
  }

  /** Gives back claims of an operation that certainly was not committed and never will be. */
  async release(claims: readonly Claim[], deadline: Deadline): Promise<void> {
    if (claims.length === 0) return;
    const freed = claims.map(({ key, generation }) => this.#parts.arbiter.claims.free(key, generation));
    // What is not freed by then is found out by whoever meets it.
    await boundedBy(deadline, Promise.allSettled(freed), 'the arbiter').catch(() => undefined);
  }

  /**
   * Acts at the arbiter first, then reads the epoch of the former holder's unit strongly: unchanged, and the replay of
   * any later failover will see the move; changed, and the row that was asked may not be the one that was promoted.
   */
  async #takeOver(met: Claim, heir: Asker, formerUnit: UnitState, deadline: Deadline): Promise<Claim | undefined> {
    await this.#claims.recordMove(met, deadline);
    const taking = this.#taking(heir);
    const taken = this.#parts.arbiter.claims.takeOver(met.key, met.generation, taking, met.operationId);
    const outcome = await boundedBy(deadline, taken, 'the arbiter');
    if (!outcome.won && outcome.claim.operationId !== heir.operationId) return undefined;
    const unit = await this.#parts.switches.unitNow(unitOf(met), deadline);
    if (unit.epoch !== formerUnit.epoch) await this.#drop(met.memberId, met, deadline);
    return outcome.claim;
  }

  #taking(asker: Asker): Taking {
    return { ...asker, leaseUntilMs: this.#parts.clock.nowMs() + CLAIM_LEASE_MS };
  }
}

function heirOf(met: Claim, asker: Asker): Asker {
  return asker.requestHash === undefined ? asker : { ...asker, memberId: met.memberId, unit: unitOf(met) };
}
