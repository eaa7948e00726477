import { randomInt, randomUUID } from 'node:crypto';
import type { Claim } from '../arbiter';
import { isProblem, type MemberDocument, Problem, type Profile, unavailable } from '../core';
import { drawMemberId, rangeOf } from '../shards';
import type { Snapshot, UnitState } from '../switches';
import type { Draft } from './changes';
import { requestKey } from './encounters';
import { IdTaken, Operation } from './operation';
import { EpochPassed, UnitLost } from './refusals';
import { type MemberWriter, type Parts, type WriteOptions, type Written, writableUnit } from './writer';

export interface Registration {
  readonly profile: Profile;
  readonly accounts: readonly { readonly platform: string; readonly account: string }[];
}

/** A caller's own key for a request, and the hash of what was asked under it. */
export interface Idempotency {
  readonly callerId: string;
  readonly key: string;
  readonly requestHash: string;
}

/** Ids that are taken, and epochs that pass, are met so often before the request is given up. */
const ATTEMPTS = 3;

/** Registers members: draws the id, takes the claims, and writes the first version. */
export class Registrar {
  readonly #parts: Parts;
  readonly #writer: MemberWriter;

  constructor(parts: Parts, writer: MemberWriter) {
    this.#parts = parts;
    this.#writer = writer;
  }

  /**
   * With an idempotency key the claim of the key holds the id that was drawn first, so that a retry, in either region,
   * finds the member or finishes it.
   *
   * @throws Problem ACCOUNT_BOUND, KEY_TAKEN, IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_MISMATCH, UNAVAILABLE
   */
  async register(
    registration: Registration,
    idempotency: Idempotency | undefined,
    options: WriteOptions,
  ): Promise<Written> {
    // Losing a unit costs new members nothing while another one is open: what was certainly not written is drawn anew.
    const lost = new Set<string>();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(registration, idempotency, options, lost);
      } catch (error) {
        if (error instanceof UnitLost) lost.add(error.unit);
        else if (!(error instanceof EpochPassed) && !(error instanceof IdTaken)) throw error;
        if (attempt === ATTEMPTS) throw isProblem(error) ? error : unavailable('no unit took the new member', error);
      }
    }
  }

  async #attempt(
    registration: Registration,
    idempotency: Idempotency | undefined,
    options: WriteOptions,
    lost: ReadonlySet<string>,
  ): Promise<Written> {
    const operationId = randomUUID();
    const drawnId = this.#draw(await this.#parts.switches.current(), lost);
    const resumed = await this.#takeRequest(drawnId, operationId, idempotency, options);
    if (resumed.kind === 'registered') return this.#writer.confirm(resumed.document, resumed.unit, options);
    const memberId = resumed.claim?.memberId ?? drawnId;
    const unitName = rangeOf(memberId).unit;
    const unit = await writableUnit(this.#parts.switches, unitName, options.deadline);
    const operation = new Operation(this.#parts, this.#writer.taker, { unitName, unit, id: operationId, options });
    if (resumed.claim !== undefined) operation.adopt(resumed.claim);
    const { event, document } = await operation.settle(() => this.#write(operation, memberId, registration));
    const acknowledged = await this.#writer.announce(event, unit, operationId, options);
    return { document, acknowledged };
  }

  #draw(snapshot: Snapshot, lost: ReadonlySet<string>): string {
    const open = snapshot.open.flatMap(({ unit, weight }) => {
      const state = snapshot.units[unit];
      return state?.mode === 'database' && !lost.has(unit) ? [{ unit, weight, writer: state.writer }] : [];
    });
    const memberId = drawMemberId(open, this.#parts.region, this.#parts.clock.nowMs(), (limit) => randomInt(limit));
    if (memberId === undefined) throw unavailable('no unit takes new members');
    return memberId;
  }

  async #takeRequest(
    memberId: string,
    operationId: string,
    idempotency: Idempotency | undefined,
    { deadline }: WriteOptions,
  ): Promise<
    { kind: 'registered'; document: MemberDocument; unit: UnitState } | { kind: 'new'; claim: Claim | undefined }
  > {
    if (idempotency === undefined) return { kind: 'new', claim: undefined };
    const { callerId, key, requestHash } = idempotency;
    const asker = { memberId, unit: rangeOf(memberId).unit, operationId, requestHash };
    const acquired = await this.#writer.taker.acquire(requestKey(callerId, key), asker, deadline);
    if (acquired.kind === 'taken') return { kind: 'new', claim: acquired.claim };
    if (acquired.kind === 'busy') throw new Problem('IDEMPOTENCY_IN_PROGRESS', { retryAfterMs: 1000 });
    const { document } = acquired.evidence;
    if (document === undefined) throw new Error('a request is held by a member that does not exist');
    const unit = await writableUnit(this.#parts.switches, rangeOf(document.memberId).unit, deadline);
    return { kind: 'registered', document, unit };
  }

  async #write(operation: Operation, memberId: string, { profile, accounts }: Registration) {
    const draft: Draft = { status: 'active', profile, accounts };
    const written = await operation.write({ base: { memberId, accounts: [] }, draft });
    // A claim that "this member gained meanwhile" means that an earlier attempt of the same request is finishing.
    if (written === undefined) throw new Problem('IDEMPOTENCY_IN_PROGRESS', { retryAfterMs: 1000 });
    return written;
  }
}
