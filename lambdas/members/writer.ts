import { randomUUID } from 'node:crypto';
import type { Region } from '../../topology';
import type { Arbiter } from '../arbiter';
import type { Cache } from '../cache';
import {
  type Clock,
  isProblem,
  type Log,
  type MemberDocument,
  type MemberEvent,
  type MemberRow,
  Problem,
  unavailable,
  type Version,
} from '../core';
import { boundedMs, type Deadline } from '../resilience';
import { rangeOf, type Shards } from '../shards';
import type { Switches, UnitState } from '../switches';
import type { Publisher } from '../sync';
import { type Acknowledge, type Announcer, createAnnouncer } from './announce';
import { applyIfMatched, type Command, eventOf } from './changes';
import { Claims } from './claims';
import { type FallbackDomains, FallbackWriter } from './fallback';
import { flightOf, keysToMark } from './fences';
import { Operation } from './operation';
import { EpochPassed, refusal } from './refusals';
import { ClaimTaker } from './taking';

export interface Parts {
  readonly region: Region;
  readonly arbiter: Arbiter;
  readonly cache: Cache;
  readonly shards: Shards;
  readonly switches: Switches;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Written {
  readonly document: MemberDocument;
  /** How far the write was acknowledged: `both` only if the other region's topic accepted it. */
  readonly acknowledged: 'one' | 'both';
}

export interface WriteOptions {
  readonly ifMatch?: Version | undefined;
  readonly acknowledge: Acknowledge;
  readonly deadline: Deadline;
  readonly traceId?: string | undefined;
}

const READ_TIMEOUT_MS = 1500;
/** A command that keeps meeting new epochs gives up after so many. */
const EPOCHS = 3;

/** Makes the next version of a member: every change goes through here, one fenced trip for each version. */
export class MemberWriter {
  readonly taker: ClaimTaker;
  readonly #parts: Parts;
  readonly #announcer: Announcer;
  readonly #fallback: FallbackWriter | undefined;

  /** @param domains without them nothing is written to a unit in mode `fallback` */
  constructor(parts: Parts, domains?: FallbackDomains) {
    this.#parts = parts;
    this.#announcer = createAnnouncer(parts);
    this.#fallback = domains && new FallbackWriter(parts, domains, this.#announcer);
    this.taker = new ClaimTaker(parts, new Claims(parts), async (memberId, claim, deadline) => {
      await this.execute(memberId, { kind: 'drop', claim }, { acknowledge: 'one', deadline });
    });
  }

  /**
   * Applies a command to the member's newest row. A member that is as the command wants it is answered as it is.
   *
   * @throws Problem as the API names it: MEMBER_NOT_FOUND, MEMBER_CLOSED, VERSION_MISMATCH, ACCOUNT_BOUND, ...
   */
  async execute(memberId: string, command: Command, options: WriteOptions): Promise<Written> {
    const unitName = rangeOf(memberId).unit;
    for (let epochs = 0; epochs < EPOCHS; epochs += 1) {
      const unit = await knownUnit(this.#parts.switches, unitName, options.deadline);
      const fallback = unit.mode === 'fallback' ? this.#fallback : undefined;
      if (fallback === undefined) requireWritable(unit, unitName);
      const operation = new Operation(this.#parts, this.taker, { unitName, unit, id: randomUUID(), options });
      try {
        if (fallback !== undefined) return await fallback.execute(memberId, command, operation);
        const { document, event } = await this.#settle(memberId, command, operation);
        if (event === undefined) return this.confirm(document, unit, options);
        return {
          document,
          acknowledged: await this.#announcer.announce(
            event,
            unit,
            operation.id,
            options.acknowledge,
            options.deadline,
          ),
        };
      } catch (error) {
        if (!(error instanceof EpochPassed)) throw error;
      }
    }
    throw unavailable(`unit ${unitName} moves from epoch to epoch`);
  }

  /** Ends the marks of a command that certainly wrote nothing: it must not keep a member from being cached. */
  async #settle(memberId: string, command: Command, operation: Operation) {
    const flight = flightOf(memberId, operation.id);
    const unmark = () => this.#parts.cache.unmark(keysToMark(memberId, command), operation.id, flight);
    try {
      const settled = await operation.settle(() => this.#apply(memberId, command, operation));
      if (settled.event === undefined) await unmark();
      return settled;
    } catch (error) {
      if (!operation.isOpen) await unmark();
      throw error;
    }
  }

  /**
   * Answers for a version that was there already. Whoever asks for more than class `one` may be retrying a write that
   * the other region has not accepted, so it is told of that version again.
   */
  async confirm(document: MemberDocument, unit: UnitState, options: WriteOptions): Promise<Written> {
    if (options.acknowledge === 'one') return { document, acknowledged: 'one' };
    const operationId = randomUUID();
    const event = eventOf(undefined, document, { unit: rangeOf(document.memberId).unit, operationId });
    return { document, acknowledged: await this.announce(event, unit, operationId, options) };
  }

  /** Announces a write that was made by an operation outside `execute`. */
  announce(event: MemberEvent, unit: UnitState, operationId: string, { acknowledge, deadline }: WriteOptions) {
    return this.#announcer.announce(event, unit, operationId, acknowledge, deadline);
  }

  async #apply(
    memberId: string,
    command: Command,
    operation: Operation,
  ): Promise<{ document: MemberDocument; event: MemberEvent | undefined }> {
    const flight = flightOf(memberId, operation.id);
    const marking = this.#parts.cache.mark(keysToMark(memberId, command), operation.id, flight);
    const [plain] = await Promise.all([this.#readPlain(memberId, operation), marking]);
    let row = plain;
    let fenced = false;
    for (;;) {
      const draft = row === undefined ? undefined : applyIfMatched(row.document, command, operation.options.ifMatch);
      if (row !== undefined && draft !== undefined) {
        const written = await operation.write({ row, draft });
        if (written !== undefined) return written;
      } else if (fenced) {
        // Nothing to do, and that is no rumour: the row was read under the fence and the lease.
        if (row === undefined) throw new Problem('MEMBER_NOT_FOUND');
        return { document: row.document, event: undefined };
      }
      row = await this.#readFenced(memberId, operation);
      fenced = true;
    }
  }

  async #readPlain(memberId: string, { unit, unitName, options }: Operation): Promise<MemberRow | undefined> {
    const timeoutMs = boundedMs(READ_TIMEOUT_MS, options.deadline);
    try {
      return (await this.#parts.shards.members.read(memberId, unit.writer, timeoutMs)).row;
    } catch (cause) {
      if (isProblem(cause, 'SHED')) throw cause;
      throw unavailable(`the writer of unit ${unitName} cannot be read`, cause);
    }
  }

  async #readFenced(memberId: string, operation: Operation): Promise<MemberRow | undefined> {
    const { unit, unitName, options } = operation;
    const timeoutMs = boundedMs(READ_TIMEOUT_MS, options.deadline);
    if (timeoutMs === 0) throw unavailable('the member changes faster than this command can be applied');
    const read = await this.#parts.shards.members.readFenced({ memberId }, unit.epoch, unit.writer, timeoutMs);
    if (read.kind !== 'read') throw await refusal(read, unitName, this.#parts.switches, options.deadline);
    return read.row;
  }
}

/** @throws Problem UNAVAILABLE where the unit takes no writes now */
export async function writableUnit(switches: Switches, name: string, deadline: Deadline): Promise<UnitState> {
  return requireWritable(await knownUnit(switches, name, deadline), name);
}

async function knownUnit(switches: Switches, name: string, deadline: Deadline): Promise<UnitState> {
  return (await switches.current()).units[name] ?? (await switches.unitNow(name, deadline));
}

function requireWritable(unit: UnitState, name: string): UnitState {
  if (unit.mode !== 'database') throw unavailable(`unit ${name} is in mode ${unit.mode}`);
  return unit;
}
