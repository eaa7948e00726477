import type { Arbiter, Claim, Taking, UnitDecision } from '../../../../lambdas/arbiter';
import { createCommands, sliceOf } from '../../../../lambdas/arbiter/commands';
import {
  isInHistory,
  type MemberDocument,
  type MemberEvent,
  type MemberRow,
  type Version,
} from '../../../../lambdas/core';
import { createDrain, type DrainParts, drainSlice } from '../../../../lambdas/failover/drain';
import { begun, stepped } from '../../../../lambdas/failover/transition';
import { createAnnouncer, type FallbackDomains, MemberWriter, type Parts } from '../../../../lambdas/members';
import type { Shards, WriteTrip } from '../../../../lambdas/shards';
import type { Switches, UnitState } from '../../../../lambdas/switches';
import { stateOf } from '../../../../lambdas/switches/snapshot';
import { DOMAIN_NAMES, type Region } from '../../../../topology';
import { keptLog } from '../../gateway/hosted';
import { type Turn, tableInMemory } from './journal-table';

export const UNIT = 'a1';
export const FALLBACK_EPOCH = 2;
const HAND = { by: 'a test', nowMs: 0 };
const SLICES = Array.from({ length: 16 }, (_, slice) => slice);

/**
 * What stands outside a process, in memory: the arbiter's tables, the rows of one unit behind its fence and lease, and the
 * search domains. All that decides is the system's own.
 */
export class World {
  decision: UnitDecision;
  readonly rows = new Map<string, MemberRow>();
  /** Every version that a row has had. */
  readonly versions: MemberDocument[] = [];
  readonly listed: string[] = [];
  /** What topics were told. */
  readonly told: { readonly version: Version; readonly region: Region }[] = [];
  readonly #commands: Arbiter['commands'];
  readonly #claims = new Map<string, Claim>();
  readonly #operations = new Map<string, 'committed'>();
  readonly #documents = new Map<string, MemberDocument>();
  readonly #turn: Turn;
  #nowMs = 0;
  #fence = 1;
  #lease = 1;

  constructor(turn: Turn, members: readonly MemberDocument[]) {
    this.#turn = turn;
    this.#commands = createCommands(tableInMemory(turn));
    for (const document of members) {
      this.rows.set(document.memberId, { document, forks: [] });
      this.#documents.set(document.memberId, document);
    }
    const open: UnitDecision = { unit: UNIT, epoch: 1, writer: 'A', mode: 'database', renewals: 0, grantedMs: 0 };
    this.decision = { ...open, epoch: FALLBACK_EPOCH, mode: 'fallback' };
  }

  /** A process that believes this of the unit until it looks. */
  writer(believed: UnitState): MemberWriter {
    let known = believed;
    const switches = {
      current: () => ({ units: { [UNIT]: known } }),
      unitNow: async () => {
        await this.#turn();
        known = stateOf(this.decision);
        return known;
      },
    } as unknown as Switches;
    const domain = {
      getMember: async (memberId: string) => {
        await this.#turn();
        return this.#documents.get(memberId);
      },
      write: async (events: readonly MemberEvent[]) => {
        await this.#turn();
        for (const { document } of events) this.#index(document);
        return events.map(() => ({ ok: true }) as const);
      },
    };
    const domains = Object.fromEntries(DOMAIN_NAMES.map((name) => [name, domain])) as unknown as FallbackDomains;
    return new MemberWriter({ ...this.#parts(), switches }, domains);
  }

  /** Leaves the fallback after so many turns, step by step, with two runs that drain at the same time. */
  async leave(turns: number): Promise<void> {
    for (let waited = 0; waited < turns; waited += 1) await this.#turn();
    const order = { kind: 'mode', to: 'A', mode: 'database', actor: 'an operator' } as const;
    this.decision = begun(this.decision, order, { epoch: FALLBACK_EPOCH + 1, waitedMs: 0, hand: HAND });
    for (let { transition } = this.decision; transition !== undefined; transition = this.decision.transition) {
      await this.#turn();
      if (transition.step === 'fence') this.#fence = this.decision.epoch;
      if (transition.step === 'drain') {
        const drain = createDrain(this.#parts());
        await Promise.all([drain(UNIT, this.decision), drain(UNIT, this.decision)]);
      }
      this.decision = stepped(this.decision, transition, HAND);
    }
    this.#lease = this.decision.epoch;
  }

  async sweep(): Promise<void> {
    const settling = { unit: stateOf(this.decision), needsLease: true };
    for (const slice of SLICES) await drainSlice(this.#parts(), UNIT, slice, settling);
  }

  /** Sweeps again and again until it finds something of the member, as sweeps do, for a while. */
  async sweepOne(memberId: string): Promise<void> {
    const settling = { unit: stateOf(this.decision), needsLease: true };
    for (let looks = 0; looks < 12; looks += 1) {
      const { commands } = await drainSlice(this.#parts(), UNIT, sliceOf(memberId), settling);
      if (commands > 0) return;
    }
  }

  async journaled(): Promise<number> {
    const slices = await Promise.all(SLICES.map((slice) => this.#commands.ofSlice(UNIT, slice)));
    return slices.flat().length;
  }

  #parts(): Omit<Parts, 'switches'> & DrainParts {
    const log = keptLog();
    const nothing = async () => undefined;
    const publisher = {
      publish: async ({ version }: MemberEvent, region: Region) => {
        this.told.push({ version, region });
        return true;
      },
    };
    const cache = { mark: nothing, unmark: nothing, fence: nothing };
    const announcer = createAnnouncer({ region: 'A', cache, publisher, log } as never);
    const clock = { nowMs: () => ++this.#nowMs, monotonicMs: () => this.#nowMs };
    const arbiter = {
      commands: this.#commands,
      claims: { take: this.#take, readMany: this.#readMany, free: this.#free },
      lost: { put: async (_: string, { operationId }: { operationId: string }) => this.listed.push(operationId) },
      audit: { append: nothing },
    };
    const parts = { region: 'A', arbiter, cache, shards: this.#shards() as Shards, publisher, announcer, clock, log };
    return parts as unknown as Omit<Parts, 'switches'> & DrainParts;
  }

  #take = async (key: string, taking: Taking) => {
    await this.#turn();
    const met = this.#claims.get(key);
    if (met !== undefined && met.state !== 'free') return { won: false, claim: met };
    const claim: Claim = { ...taking, key, generation: (met?.generation ?? 0) + 1, state: 'pending' };
    this.#claims.set(key, claim);
    return { won: true, claim };
  };

  #free = async (key: string, generation: number) => {
    await this.#turn();
    const met = this.#claims.get(key);
    if (met?.generation === generation) this.#claims.set(key, { ...met, generation: generation + 1, state: 'free' });
    return true;
  };

  #readMany = async (keys: readonly string[]) => {
    await this.#turn();
    return new Map(keys.map((key) => [key, this.#claims.get(key)]));
  };

  #shards(): unknown {
    const read = async (memberId: string) => {
      await this.#turn();
      return this.rows.get(memberId);
    };
    return {
      recovery: {
        rows: async ([memberId = '']: readonly string[]) => {
          const row = await read(memberId);
          return new Map(row === undefined ? [] : [[memberId, row]]);
        },
        decided: async (_: string, ids: readonly string[]) => {
          await this.#turn();
          return new Map(ids.flatMap((id) => (this.#operations.has(id) ? [[id, 'committed'] as const] : [])));
        },
      },
      members: {
        read: async (memberId: string) => ({ row: await read(memberId), heartbeatAgeMs: 0 }),
        readFenced: async ({ memberId }: { memberId: string }, epoch: number) => {
          const row = await read(memberId);
          return this.#refusal(epoch, true) ?? { kind: 'read', row, decided: undefined };
        },
        write: (trip: WriteTrip) => this.#commit(trip, true),
        settle: (trip: WriteTrip, needsLease: boolean) => this.#commit(trip, needsLease),
      },
    };
  }

  async #commit(trip: WriteTrip, needsLease: boolean) {
    await this.#turn();
    const { document, epoch, operationId, expected, forks } = trip;
    const refused = this.#refusal(epoch, needsLease);
    if (refused !== undefined) return refused;
    const operations = [operationId, ...(trip.otherOperationIds ?? [])];
    if (operations.some((id) => this.#operations.has(id))) return { kind: 'decided' };
    if (this.rows.get(document.memberId)?.document.version !== expected) return { kind: 'version-lost' };
    for (const id of operations) this.#operations.set(id, 'committed');
    this.rows.set(document.memberId, { document, forks: JSON.parse(forks) });
    this.versions.push(document);
    this.#index(document);
    return { kind: 'committed' };
  }

  #refusal(epoch: number, needsLease: boolean) {
    if (this.#fence !== epoch) return { kind: 'fenced' } as const;
    return needsLease && this.#lease !== epoch ? ({ kind: 'lease-over' } as const) : undefined;
  }

  #index(document: MemberDocument): void {
    const known = this.#documents.get(document.memberId);
    if (known === undefined || known.version < document.version) this.#documents.set(document.memberId, document);
  }
}

/** Whether the row has gone through what a copy has. */
export function follows(row: MemberRow | undefined, { version }: MemberDocument): boolean {
  return row !== undefined && isInHistory(version, { version: row.document.version, forks: row.forks });
}
