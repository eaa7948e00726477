import type { Region, ShardRange } from '../../topology';
import { isProblem, type MemberRow } from '../core';
import { isServerError, type WriteOutcome, writeOutcomeOf } from './outcomes';
import { rangeOf } from './placement';
import { memberRow } from './rows';
import { type Server, Unreachable } from './server';
import type { Role, Servers } from './servers';
import {
  abortStatement,
  fencedReadStatement,
  readStatement,
  type Statement,
  settleStatement,
  type WriteTrip,
  writeStatement,
} from './statements';

/** A row as one server has it, and the age of the last heartbeat that this server has seen (a replica's lag). */
export interface ReadRow {
  readonly row: MemberRow | undefined;
  /** Undefined if the server knows no heartbeat yet. */
  readonly heartbeatAgeMs: number | undefined;
}

/** What stops a fenced trip; see `WriteOutcome` for the meaning of each. */
export type Refusal = Extract<WriteOutcome, { kind: 'fenced' | 'lease-over' | 'busy' | 'unreachable' | 'open' }>;

/** `decided` is what became of the operation that was asked about; undefined if nothing has decided it yet. */
export type FencedRead =
  | {
      readonly kind: 'read';
      readonly row: MemberRow | undefined;
      readonly decided: 'committed' | 'aborted' | undefined;
    }
  | Refusal;
/** `undecided`: the member waits for the outcome of a failover, and nothing was decided. */
export type AbortOutcome =
  | { readonly kind: 'aborted' }
  | { readonly kind: 'committed' }
  | { readonly kind: 'undecided' }
  | Refusal;

/** Members' rows: plain reads anywhere, fenced trips at the writer. */
export class MemberRows {
  readonly #servers: Servers;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /** @throws Unreachable or the server's error: the caller goes on to the next copy */
  async read(memberId: string, region: Region, timeoutMs: number, role: Role = 'writer'): Promise<ReadRow> {
    const range = rangeOf(memberId);
    const server = this.#servers.at(range.cluster, region, role);
    const [row] = await server.readAgain(readStatement(range, memberId), timeoutMs);
    return readRow(row);
  }

  write(trip: WriteTrip, writer: Region, timeoutMs: number): Promise<WriteOutcome> {
    return this.#send(trip, writeStatement(trip), writer, timeoutMs);
  }

  /**
   * Writes what a failover has left behind: the member may be undecided, and is decided by it.
   *
   * @param needsLease false before the unit is opened
   */
  settle(trip: WriteTrip, needsLease: boolean, writer: Region, timeoutMs: number): Promise<WriteOutcome> {
    return this.#send(trip, settleStatement(trip, needsLease), writer, timeoutMs);
  }

  async #send(trip: WriteTrip, statement: Statement, writer: Region, timeoutMs: number): Promise<WriteOutcome> {
    try {
      const results = await this.#server(trip.range, writer).trip(statement, timeoutMs);
      return lastHeld(results) ? { kind: 'committed' } : { kind: 'open' };
    } catch (error) {
      if (isUnsent(error)) return { kind: 'unreachable', cause: error };
      return isServerError(error) ? writeOutcomeOf(error, trip.operationId) : { kind: 'open', cause: error };
    }
  }

  /** The member's row as its writer has it now, and what became of one operation; both under fence and lease. */
  async readFenced(
    asked: { memberId: string; operationId?: string },
    epoch: number,
    writer: Region,
    timeoutMs: number,
  ): Promise<FencedRead> {
    const range = rangeOf(asked.memberId);
    try {
      const statement = fencedReadStatement(range, epoch, asked.memberId, asked.operationId ?? '');
      const [, fence, decided, rows, lease] = await this.#server(range, writer).trip(statement, timeoutMs);
      if (fence?.[0]?.epoch !== epoch) return { kind: 'fenced' };
      if (lease?.[0]?.held !== 1) return { kind: 'lease-over' };
      return { kind: 'read', row: memberRow(rows?.[0]), decided: decided?.[0]?.outcome as 'committed' | undefined };
    } catch (error) {
      return refusalOf(error, '');
    }
  }

  /** Decides `operationId` as aborted in the schema of `memberId`, unless it is committed or aborted already. */
  async abort(
    operation: { memberId: string; operationId: string },
    epoch: number,
    writer: Region,
    timeoutMs: number,
  ): Promise<AbortOutcome> {
    const range = rangeOf(operation.memberId);
    try {
      const statement = abortStatement(range, epoch, operation.memberId, operation.operationId);
      const results = await this.#server(range, writer).trip(statement, timeoutMs);
      return { kind: results.at(-1)?.[0]?.outcome === 'committed' ? 'committed' : 'aborted' };
    } catch (error) {
      const isUndecided = isServerError(error) && writeOutcomeOf(error, operation.operationId).kind === 'undecided';
      if (isUndecided) return { kind: 'undecided' };
      return refusalOf(error, operation.operationId);
    }
  }

  #server(range: ShardRange, region: Region): Server {
    return this.#servers.at(range.cluster, region);
  }
}

/** Nothing was sent: the server cannot be reached, or too many of the class are under way to it. */
function isUnsent(error: unknown): error is Error {
  return error instanceof Unreachable || isProblem(error, 'SHED');
}

function refusalOf(error: unknown, operationId: string): Refusal {
  if (isUnsent(error)) return { kind: 'unreachable', cause: error };
  if (!isServerError(error)) return { kind: 'open', cause: error };
  const outcome = writeOutcomeOf(error, operationId);
  return outcome.kind === 'fenced' || outcome.kind === 'lease-over' || outcome.kind === 'busy'
    ? outcome
    : { kind: 'open', cause: error };
}

function readRow(row: Readonly<Record<string, unknown>> | undefined): ReadRow {
  const ageUs = row?.heartbeat_age_us;
  return {
    row: memberRow(row),
    heartbeatAgeMs: ageUs === undefined || ageUs === null ? undefined : Number(ageUs) / 1000,
  };
}

function lastHeld(results: readonly (readonly Readonly<Record<string, unknown>>[])[]): boolean {
  return results.at(-1)?.[0]?.held === 1;
}
