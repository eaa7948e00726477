import type { Claim } from '../arbiter';
import {
  type ClaimReference,
  type MemberDocument,
  type MemberEvent,
  type MemberRow,
  nextVersion,
  Problem,
  unavailable,
} from '../core';
import type { UnitState } from '../switches';
import { claimKeysOf, claimsOf, type Draft, documentOf, eventOf, type NewMember } from './changes';
import type { Acquired, ClaimTaker } from './taking';
import { commitTrip, SETTLE_TIMEOUT_MS, TripFailed } from './trip';
import type { Parts, WriteOptions } from './writer';

const TRIP_TIMEOUT_MS = 3000;

/** Makes the next version stand. False if the member has changed since it was read. */
export type Commit = (document: MemberDocument, event: MemberEvent) => Promise<boolean>;

/** What a draft is applied to: a row, or the bare identity of a member that is about to be registered. */
export interface Target {
  readonly row?: MemberRow;
  readonly base?: NewMember;
  readonly draft: Draft;
}

/**
 * One attempt to write under one epoch: its key, and the claims that it has taken. The epoch was read before the
 * first claim, and every trip requires it, so that no claim outlives the unit's epoch unseen.
 */
export class Operation {
  readonly id: string;
  readonly unitName: string;
  readonly unit: UnitState;
  readonly options: WriteOptions;
  readonly #parts: Parts;
  readonly #taker: ClaimTaker;
  /** Whether it is not known if the write was committed. */
  isOpen = false;
  readonly #taken = new Map<string, Claim>();

  constructor(
    parts: Parts,
    taker: ClaimTaker,
    start: { unitName: string; unit: UnitState; id: string; options: WriteOptions },
  ) {
    this.#parts = parts;
    this.#taker = taker;
    this.unitName = start.unitName;
    this.unit = start.unit;
    this.id = start.id;
    this.options = start.options;
  }

  /** The claim of the request that this operation carries out; it ends with it. */
  adopt(claim: Claim): void {
    this.#taken.set(claim.key, claim);
  }

  /**
   * Runs the operation and gives back the claims that no document came to rest on. Where it is not known whether the
   * write was committed they stay pending: whoever meets them after their lease will find out.
   */
  async settle<T extends { document: MemberDocument }>(run: () => Promise<T>): Promise<T> {
    try {
      const result = await run();
      const resting = new Set(claimsOf(result.document).map(({ key }) => key));
      await this.#release((claim) => !resting.has(claim.key) && claim.requestHash === undefined);
      return result;
    } catch (error) {
      if (!(error instanceof TripFailed)) {
        await this.#release(() => true);
        throw error;
      }
      if (error.certain) await this.#release(() => true);
      this.isOpen = !error.certain;
      throw error.cause;
    }
  }

  /**
   * Takes the claims that the draft needs, and sends the trip, or whatever stands for it.
   *
   * @returns undefined if the row has changed since it was read
   * @throws Problem ACCOUNT_BOUND, KEY_TAKEN, IDEMPOTENCY_IN_PROGRESS; TripFailed
   */
  async write(
    target: Target,
    commit: Commit = (document, event) => this.#commit(target.row, document, event),
  ): Promise<{ document: MemberDocument; event: MemberEvent } | undefined> {
    const before = target.row?.document;
    const base = before ?? target.base;
    if (base === undefined) throw new TypeError('a draft is applied to a row or to a new member');
    const held = before === undefined ? new Set<string>() : new Set(claimsOf(before).map(({ key }) => key));
    for (const key of claimKeysOf(target.draft)) {
      if (!held.has(key) && !(await this.#take(key, base.memberId))) return undefined;
    }
    const document = documentOf(target.draft, base, {
      version: nextVersion(before?.version ?? 0, this.unit.epoch),
      nowMs: this.#parts.clock.nowMs(),
      generations: new Map([...this.#taken].map(([key, claim]) => [key, claim.generation])),
    });
    const event = eventOf(before, document, {
      unit: this.unitName,
      operationId: this.id,
      traceId: this.options.traceId,
      requestClaim: this.#requestClaim(),
    });
    return (await commit(document, event)) ? { document, event } : undefined;
  }

  async #commit(row: MemberRow | undefined, document: MemberDocument, event: MemberEvent): Promise<boolean> {
    const { deadline } = this.options;
    // An answer that is lost is settled within the same deadline.
    const timeoutMs = Math.min(TRIP_TIMEOUT_MS, deadline.child().remainingMs - SETTLE_TIMEOUT_MS);
    if (timeoutMs <= 0) throw unavailable('no time is left for the write');
    const { unitName, unit, id: operationId } = this;
    const trip = { unitName, unit, operationId, before: row, after: document, event };
    const end = await commitTrip(this.#parts, trip, timeoutMs, deadline);
    if (end === 'id-taken') throw new IdTaken();
    return end === 'committed';
  }

  /** @returns false if the member has gained the claim since its row was read */
  async #take(key: string, memberId: string): Promise<boolean> {
    if (this.#taken.has(key)) return true;
    const acquired = await this.#taker.acquire(
      key,
      { memberId, unit: this.unitName, operationId: this.id },
      this.options.deadline,
    );
    if (acquired.kind === 'taken') {
      this.#taken.set(key, acquired.claim);
      return true;
    }
    if (acquired.claim.memberId !== memberId) throw conflict(key, acquired);
    if (acquired.kind === 'busy') throw new Problem('IDEMPOTENCY_IN_PROGRESS', { retryAfterMs: 1000 });
    return false;
  }

  #requestClaim(): ClaimReference | undefined {
    const claim = [...this.#taken.values()].find(({ requestHash }) => requestHash !== undefined);
    return claim === undefined ? undefined : { key: claim.key, generation: claim.generation };
  }

  async #release(isToGo: (claim: Claim) => boolean): Promise<void> {
    await this.#taker.release([...this.#taken.values()].filter(isToGo), this.options.deadline);
  }
}

/** The id that was drawn for a new member exists already: it is drawn again. */
export class IdTaken extends Error {
  constructor() {
    super('the id that was drawn is taken');
    this.name = 'IdTaken';
  }
}

function conflict(key: string, acquired: Extract<Acquired, { kind: 'held' | 'busy' }>): Problem {
  if (acquired.kind === 'busy') return unavailable('another request is about to take this key');
  return new Problem(key.startsWith('account:') ? 'ACCOUNT_BOUND' : 'KEY_TAKEN');
}
