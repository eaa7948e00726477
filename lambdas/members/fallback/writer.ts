import type { JournaledCommand } from '../../arbiter';
import { epochOf, type MemberDocument, type MemberEvent, Problem, unavailable } from '../../core';
import { boundedBy } from '../../resilience';
import type { UnitState } from '../../switches';
import type { Announcer } from '../announce';
import { applyIfMatched, type Command } from '../changes';
import { fencesOf, keysToMark } from '../fences';
import type { Operation } from '../operation';
import { EpochPassed, NotAcknowledged } from '../refusals';
import { TripFailed } from '../trip';
import type { Parts, Written } from '../writer';
import { applyToDomains, type FallbackBase, type FallbackDomains, readBase } from './copies';
import { replayCommands } from './replay';

/**
 * Writes while no database of a unit is to be had: a command that is put into the journal stands for the member's
 * transaction, and its claims name it. The journal is strongly consistent over both regions, so what it has is acknowledged
 * by both.
 */
export class FallbackWriter {
  readonly #parts: Parts;
  readonly #domains: FallbackDomains;
  readonly #announcer: Announcer;

  constructor(parts: Parts, domains: FallbackDomains, announcer: Announcer) {
    this.#parts = parts;
    this.#domains = domains;
    this.#announcer = announcer;
  }

  /** @throws Problem as every write does; UNAVAILABLE also where no copy of the member is to be had */
  async execute(memberId: string, command: Command, operation: Operation): Promise<Written> {
    const { cache } = this.#parts;
    const keys = keysToMark(memberId, command);
    const marking = cache.mark(keys, operation.id);
    try {
      const { document, event } = await operation.settle(() => this.#journal(memberId, command, operation));
      await marking;
      if (event !== undefined) return await this.#conclude(document, event, operation);
      await cache.unmark(keys, operation.id);
      return { document, acknowledged: 'both' };
    } catch (error) {
      if (!operation.isOpen) await cache.unmark(keys, operation.id);
      throw error;
    }
  }

  /**
   * What is changed already needs no command, where that is no rumour: of a copy, which may be behind the row, it is no more
   * than that.
   */
  async #journal(
    memberId: string,
    command: Command,
    operation: Operation,
  ): Promise<{ document: MemberDocument; event: MemberEvent | undefined }> {
    const { arbiter, switches } = this.#parts;
    const { unit, unitName, options } = operation;
    for (;;) {
      const base = await readBase(
        { commands: arbiter.commands, domains: this.#domains },
        memberId,
        unit,
        options.deadline,
      );
      const { document } = base;
      if (epochOf(document.version) > unit.epoch) {
        await switches.unitNow(unitName, options.deadline);
        throw new EpochPassed(unitName);
      }
      if (base.isCopy && (options.ifMatch ?? 0) > document.version)
        throw unavailable('no copy has reached the version');
      const changed = applyIfMatched(document, command, options.ifMatch);
      const draft = changed ?? (base.isCopy && document.status === 'active' ? document : undefined);
      if (draft === undefined) return { document, event: undefined };
      const put = (after: MemberDocument, event: MemberEvent) => this.#put({ base, after, event, command }, operation);
      const written = await operation.write({ row: { document, forks: [] }, draft }, put);
      if (written !== undefined) return written;
      if (options.deadline.remainingMs === 0)
        throw unavailable('the member changes faster than this command can be put');
    }
  }

  /** @returns false if another command of the member was put first */
  async #put(
    {
      base,
      after,
      event,
      command,
    }: { base: FallbackBase; after: MemberDocument; event: MemberEvent; command: Command },
    { unitName, id, options }: Operation,
  ): Promise<boolean> {
    const { arbiter, clock } = this.#parts;
    const entry: JournaledCommand = {
      memberId: after.memberId,
      version: after.version,
      operationId: id,
      command,
      document: after,
      ...(base.isCopy ? { base: base.document } : {}),
      isConditional: options.ifMatch !== undefined,
      claims: event.heldClaims,
      atMs: clock.nowMs(),
    };
    try {
      return await boundedBy(options.deadline, arbiter.commands.put(unitName, entry), 'the arbiter');
    } catch (error) {
      throw new TripFailed(error as Error, false);
    }
  }

  /** The act is done: an epoch that is still the same is left by somebody who will see it. */
  async #conclude(document: MemberDocument, event: MemberEvent, operation: Operation): Promise<Written> {
    const { cache, switches } = this.#parts;
    const { deadline } = operation.options;
    const now = await switches.unitNow(operation.unitName, deadline);
    if (now.epoch !== operation.unit.epoch) return this.#replayOwn(document.memberId, now, operation);
    await Promise.all([applyToDomains(this.#domains, event, deadline), cache.fence(fencesOf(event), operation.id)]);
    return { document, acknowledged: 'both' };
  }

  /** The unit has left the fallback, perhaps before this command was seen: nobody else may ever look. */
  async #replayOwn(memberId: string, unit: UnitState, { unitName, id, options }: Operation): Promise<Written> {
    if (unit.mode !== 'database') throw unavailable(`unit ${unitName} is leaving mode fallback; the outcome is open`);
    const kept = this.#parts.arbiter.commands.ofMember(unitName, memberId);
    const commands = await boundedBy(options.deadline, kept, 'the arbiter');
    const elsewhere = () => unavailable('the command was replayed by somebody else; the outcome is open');
    if (!commands.some(({ operationId }) => operationId === id)) throw elsewhere();
    const settleBase = () => Promise.reject(unavailable('the member has lost its last changes; the outcome is open'));
    const parts = { ...this.#parts, announcer: this.#announcer, settleBase };
    const { document, refused, before } = await replayCommands(parts, commands, { unit, needsLease: true });
    if (before.has(id)) throw elsewhere();
    const refusal = refused.find(({ command }) => command.operationId === id);
    if (refusal?.code === 'GIVEN_UP') throw unavailable('the write was given up');
    if (refusal !== undefined) throw new Problem(refusal.code);
    if (document === undefined) throw new Problem('MEMBER_NOT_FOUND');
    if (options.acknowledge === 'require-both') throw new NotAcknowledged(document.version);
    return { document, acknowledged: 'one' };
  }
}
