import { REGIONS, type Region } from '../../topology';
import { type Item, number, readNumber, readOneOf, readOptionalText, readText, text } from './item';
import type { ItemUpdate } from './requests';

const UNIT_MODES = ['database', 'read-only', 'fallback'] as const;
/**
 * `database`: its writer takes writes, under a lease. `read-only`: nobody does. `fallback`: they are journaled as commands,
 * because no database of the unit is to be had.
 */
export type UnitMode = (typeof UNIT_MODES)[number];

/** In this order; a transition that does not need one passes over it. */
export const TRANSITION_STEPS = ['silence', 'promote', 'fence', 'drain', 'replay', 'open'] as const;
export type TransitionStep = (typeof TRANSITION_STEPS)[number];

/** A unit on its way from one writer or mode to another, under the epoch that was taken for it. */
export interface Transition {
  /** `mode`: the writer stays where it is. */
  readonly kind: 'switchover' | 'failover' | 'mode';
  readonly from: Region;
  readonly to: Region;
  /** In which the unit opens. */
  readonly mode: UnitMode;
  /** Whether what the old writer committed may be missing at the new one. */
  readonly replays: boolean;
  /** Whether a transition whose place it took owed a replay already: then it does, whatever becomes of itself. */
  readonly owes?: true;
  /** Whether commands may stand in the journal that no row has yet, because the unit was in mode `fallback`. */
  readonly drains?: true;
  readonly step: TransitionStep;
  /** How long the old writer may have been entitled to write, from the moment at which its renewals were known to end. */
  readonly grantedMs: number;
  /** How much of that has certainly passed. */
  readonly waitedMs: number;
  readonly actor: string;
  /** Which run brought it to its step, and when, in milliseconds since 1970: for people. */
  readonly by: string;
  readonly sinceMs: number;
}

/** Who writes a unit, and under which epoch. */
export interface UnitDecision {
  readonly unit: string;
  readonly epoch: number;
  /** Whose writer it is; during a transition the old one's until its promotion has been seen. */
  readonly writer: Region;
  /** `read-only` for as long as a transition runs. */
  readonly mode: UnitMode;
  /** How often the writer's lease was renewed under this epoch. */
  readonly renewals: number;
  /**
   * No lease that was granted under this epoch runs longer than this from the last renewal on; 0 before the first.
   */
  readonly grantedMs: number;
  readonly transition?: Transition;
}

/** What a heartbeat knows of the decision by which it renews. */
export interface RenewalCondition {
  readonly epoch: number;
  readonly writer: Region;
  readonly renewals: number;
}

export function unitKey(unit: string): Item {
  return { key: text(`unit#${unit}`) };
}

export function decisionOf(item: Item): UnitDecision {
  const transition = readOptionalText(item, 'transition');
  return {
    unit: readText(item, 'unit'),
    epoch: readNumber(item, 'epoch'),
    writer: readOneOf(item, 'writer', REGIONS),
    mode: readOneOf(item, 'mode', UNIT_MODES),
    renewals: readNumber(item, 'renewals'),
    grantedMs: readNumber(item, 'grantedMs'),
    ...(transition === undefined ? {} : { transition: JSON.parse(transition) as Transition }),
  };
}

export function foundingUpdate(unit: string, writer: Region, epoch: number): ItemUpdate {
  return {
    update:
      'SET #unit = :unit, #epoch = :epoch, #writer = :writer, #mode = :mode, #renewals = :none, #grantedMs = :none',
    condition: 'attribute_not_exists(#key)',
    values: {
      ':unit': text(unit),
      ':epoch': number(epoch),
      ':writer': text(writer),
      ':mode': text('database'),
      ':none': number(0),
    },
  };
}

/**
 * What is recorded may only become less by the hand of one who has seen every renewal before: a heartbeat that knows
 * less cannot tell whether a longer lease is still on its way to the database.
 */
export function renewalUpdate({ epoch, writer, renewals }: RenewalCondition, grantedMs: number): ItemUpdate {
  return {
    update: 'SET #grantedMs = :grantedMs ADD #renewals :one',
    condition:
      '#epoch = :epoch AND #writer = :writer AND #mode = :database AND (#grantedMs <= :grantedMs OR #renewals = :seen)',
    values: {
      ':grantedMs': number(grantedMs),
      ':one': number(1),
      ':epoch': number(epoch),
      ':writer': text(writer),
      ':database': text('database'),
      ':seen': number(renewals),
    },
  };
}

/** Puts `next` in the place of exactly what was seen: nobody has renewed since, or taken a step. */
export function replacement(seen: UnitDecision, next: UnitDecision): ItemUpdate {
  const { transition } = next;
  const stood = seen.transition;
  return {
    update: `SET #epoch = :epoch, #writer = :writer, #mode = :mode, #renewals = :renewals, #grantedMs = :grantedMs${
      transition === undefined ? ' REMOVE #transition' : ', #transition = :transition'
    }`,
    condition: `#epoch = :seenEpoch AND #renewals = :seenRenewals AND ${
      stood === undefined ? 'attribute_not_exists(#transition)' : '#transition = :seenTransition'
    }`,
    values: {
      ':epoch': number(next.epoch),
      ':writer': text(next.writer),
      ':mode': text(next.mode),
      ':renewals': number(next.renewals),
      ':grantedMs': number(next.grantedMs),
      ...(transition === undefined ? {} : { ':transition': text(JSON.stringify(transition)) }),
      ':seenEpoch': number(seen.epoch),
      ':seenRenewals': number(seen.renewals),
      ...(stood === undefined ? {} : { ':seenTransition': text(JSON.stringify(stood)) }),
    },
  };
}
