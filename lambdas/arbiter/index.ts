/** Step 3 of a write: what two regions could both decide is decided here, by one conditional write. */
import { type Region, type Table, tableName } from '../../topology';
import type { Clock, Log } from '../core';
import { answered } from './attempts';
import { type Callers, createCallers } from './callers';
import { type Claims, createClaims } from './claims';
import { createClient } from './client';
import { createDecisions, type Decisions, EPOCH_COUNTER_KEY } from './decisions';
import { createJournal, type Journal } from './journal';
import { type Call, ItemTable } from './table';

export type { Caller, Callers } from './callers';
export type { Claim, ClaimState, TakeOutcome, Taking } from './claim';
export type { Claims } from './claims';
export type { AcceptedSwitch, Decisions, UnitDecision, UnitMode } from './decisions';
export type { ClaimMove, Journal } from './journal';

export interface ArbiterOptions {
  readonly region: Region;
  readonly awsRegion: string;
  /** Stands in for the address of AWS. */
  readonly endpoint?: string;
  readonly tablePrefix: string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Arbiter {
  readonly claims: Claims;
  readonly decisions: Decisions;
  readonly journal: Journal;
  readonly callers: Callers;
  /** A strongly consistent read. @throws Problem UNAVAILABLE */
  ping(): Promise<void>;
  /** Closes the connections. */
  close(): void;
}

/**
 * The arbiter as this region reaches it. A call is answered, or fails with UNAVAILABLE, after at most 3.5 s and a
 * few attempts; an attempt that goes unanswered may have changed the item, which the next one recognises.
 */
export function createArbiter(options: ArbiterOptions): Arbiter {
  const client = createClient(options);
  const open = (table: Table['name']) =>
    new ItemTable(client, tableName(options.tablePrefix, table), countedCalls(table, options));
  const decisions = open('decisions');
  return {
    claims: createClaims(open('claims'), options.clock),
    decisions: createDecisions(decisions),
    journal: createJournal(open('journal')),
    callers: createCallers(open('callers')),
    ping: async () => {
      await decisions.get(EPOCH_COUNTER_KEY, true);
    },
    close: () => client.destroy(),
  };
}

function countedCalls(table: Table['name'], { clock, log }: ArbiterOptions): Call {
  const onFailedAttempt = (error: unknown, attempt: number) => {
    const reason = error instanceof Error ? error.name : 'unknown';
    log.warn('An attempt at the arbiter failed', { table, attempt, reason });
  };
  return (run) => answered(run, { clock, onFailedAttempt });
}
