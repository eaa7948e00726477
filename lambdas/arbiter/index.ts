/** Step 3 of a write: what two regions could both decide is decided here, by one conditional write. */
import { type Region, type Table, tableName } from '../../topology';
import type { Clock, Log, Metrics } from '../core';
import { Breaker, type BreakerRule, ConcurrencyLimit, type Place, RetryBudget, tellBreaker } from '../resilience';
import { answered, isIll } from './attempts';
import { type Audit, createAudit } from './audit';
import { type Callers, createCallers } from './callers';
import { type Claims, createClaims } from './claims';
import { createClient } from './client';
import { type Commands, createCommands } from './commands';
import { createDecisions, type Decisions } from './decisions';
import { createJournal, type Journal } from './journal';
import { createLostValues, type LostValues } from './lost-values';
import { createObservations, type Observations } from './observations';
import { createReplays, type Replays } from './replays';
import { type Call, ItemTable } from './table';
import { EPOCH_COUNTER_KEY } from './unit-decisions';

export type { Audit, AuditEntry, AuditRecord } from './audit';
export type { Caller, CallerChange, CallerKey, Callers } from './callers';
export type { Claim, ClaimState, TakeOutcome, Taking } from './claim';
export type { Claims } from './claims';
export { COMMAND_SLICES, type Commands, type JournaledCommand } from './commands';
export type { Decisions } from './decisions';
export type { DomainDecisions, DomainRecord } from './domain-decisions';
export type { ClaimMove, Journal } from './journal';
export type { Handled, LostEntry, LostValues } from './lost-values';
export type { Observations, StoredMemory, StoredReport } from './observations';
export { type InFlight, newestEpochs, type Replays } from './replays';
export {
  type AcceptedSwitch,
  acceptedIn,
  type Intent,
  type Refusal,
  type Seen,
  type StoreRecord,
  type SwitchBook,
  type SwitchRecord,
  seededRecord,
  type UntoldEntry,
} from './switch-decisions';
export {
  type RenewalCondition,
  TRANSITION_STEPS,
  type Transition,
  type TransitionStep,
  type UnitDecision,
  type UnitMode,
} from './unit-decision';

export interface ArbiterOptions {
  readonly region: Region;
  readonly awsRegion: string;
  /** Stands in for the address of AWS. */
  readonly endpoint?: string;
  readonly tablePrefix: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
  /** How many attempts of requests may be under way, where requests wait for them. */
  readonly place?: Place;
}

export interface Arbiter {
  readonly claims: Claims;
  readonly decisions: Decisions;
  readonly observations: Observations;
  readonly journal: Journal;
  readonly audit: Audit;
  /** Partitions of the journal. */
  readonly commands: Commands;
  readonly lost: LostValues;
  readonly replays: Replays;
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
  const guarded = guardedAttempts(options);
  const budget = new RetryBudget();
  const open = (table: Table['name']) =>
    new ItemTable(client, tableName(options.tablePrefix, table), countedCalls(table, options, guarded, budget));
  const decisions = open('decisions');
  const journal = open('journal');
  return {
    claims: createClaims(open('claims'), options.clock),
    decisions: createDecisions(decisions),
    observations: createObservations(decisions),
    journal: createJournal(journal),
    audit: createAudit(journal, options.clock),
    commands: createCommands(journal),
    lost: createLostValues(journal),
    replays: createReplays(journal),
    callers: createCallers(open('callers')),
    ping: async () => {
      await decisions.get(EPOCH_COUNTER_KEY, true);
    },
    close: () => client.destroy(),
  };
}

/**
 * Attempts beyond these wait here, unsent: one that is sent into a crowd is given up there, and asked again, until
 * nothing but what was given up is worked on.
 */
const ATTEMPTS_IN_FLIGHT = 12;
/** Of who waits for it without a request: always as many, and whoever comes waits. */
const ALWAYS: Place = {
  settings: { floor: ATTEMPTS_IN_FLIGHT, ceiling: ATTEMPTS_IN_FLIGHT, targetMs: 1 },
  waitMs: Number.POSITIVE_INFINITY,
};
/** As many in a row as are under way twice over: all of one crowd may fail at once. */
const RULES: readonly BreakerRule[] = [
  { kind: 'failures-in-a-row', failures: 24 },
  { kind: 'exception-ratio', ratio: 0.5, minimumCalls: 50 },
];
const OPEN_MS = 500;

type Guarded = <T>(attempt: () => Promise<T>) => Promise<T>;

function guardedAttempts({ clock, log, metrics, place = ALWAYS }: ArbiterOptions): Guarded {
  const crowd = new ConcurrencyLimit({ ...place, name: 'arbiter', clock, metrics });
  const onChange = tellBreaker({ log, metrics }, 'arbiter');
  const breaker = new Breaker({
    name: 'the arbiter',
    clock,
    rules: RULES,
    openMs: OPEN_MS,
    isFailure: isIll,
    onChange,
  });
  return (attempt) => crowd.execute(() => breaker.execute(attempt), isIll);
}

function countedCalls(
  table: Table['name'],
  { clock, log }: ArbiterOptions,
  guarded: Guarded,
  budget: RetryBudget,
): Call {
  const onFailedAttempt = (error: unknown, attempt: number) => {
    const reason = error instanceof Error ? error.name : 'unknown';
    log.warn('An attempt at the arbiter failed', { table, attempt, reason });
  };
  return (run) => answered(() => guarded(run), { clock, budget, onFailedAttempt });
}
