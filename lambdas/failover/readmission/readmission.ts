import type { DomainName } from '../../../topology';
import { BEFORE_ALL, differencesIn, NOTHING_YET, type Tally } from '../comparison';

/**
 * Where a search domain stands between being lost and being asked again.
 * - `in`: it is asked; nothing has to be done.
 * - `out`: it is not asked, and nobody brings it back.
 * - `opening`: its events are to be applied again.
 * - `catching-up`: what waited for it, and what died of its loss, is applied.
 * - `comparing`: it is compared with the rows, in turns: mended, then checked.
 * - `returning`: it goes back into the lists that it left.
 */
export type Step = 'in' | 'out' | 'opening' | 'catching-up' | 'comparing' | 'returning';

/** One comparison of all rows. */
export interface Pass {
  /** From 1. */
  readonly number: number;
  readonly mode: 'mend' | 'check';
  /** Everything up to this id is done; decimal. */
  readonly cursor: string;
  readonly tally: Tally;
}

export interface Readmission {
  readonly step: Step;
  /** Rises with each readmission that begins: what belongs to another one changes nothing. */
  readonly run: number;
  /** Lists that the domain left, by the name of their switch, as they were before. */
  readonly lists: Readonly<Record<string, readonly DomainName[]>>;
  /** While it is compared. */
  readonly pass?: Pass;
  /** Documents that this run has written. */
  readonly written: number;
  /** Step of the book of switches at which this run had its events applied again, before it was compared. */
  readonly openedInStep?: number;
  /** Why it is out. */
  readonly because?: string;
}

export type ReadmissionEvent =
  /** A list is about to be turned to one without the domain. */
  | {
      readonly kind: 'left';
      readonly domain: DomainName;
      readonly list: string;
      readonly before: readonly DomainName[];
    }
  /** A replay went on without it: what only it has is to be found by a comparison that begins now. */
  | { readonly kind: 'missed'; readonly because: string; readonly isPaused: boolean }
  /** It is wanted back. */
  | { readonly kind: 'asked' }
  | { readonly kind: 'opened'; readonly run: number; readonly inStep: number }
  | { readonly kind: 'caught-up'; readonly run: number }
  /** A pass has come so far. */
  | { readonly kind: 'advanced'; readonly run: number; readonly pass: Pass }
  /** A pass has come to its end. */
  | { readonly kind: 'passed'; readonly run: number; readonly pass: Pass }
  | { readonly kind: 'returned'; readonly run: number }
  | { readonly kind: 'fell'; readonly run: number; readonly because: string };

export const NEVER_OUT: Readmission = { step: 'in', run: 0, lists: {}, written: 0 };

/** Passes after which what still differs is for people: it was mended several times and does not stay so. */
export const MOST_PASSES = 12;

export function isUnderWay({ step }: Readmission): boolean {
  return step !== 'in' && step !== 'out';
}

/** Whether lists wait for it that it left, though it was never found to be out: others may have seen it fall alone. */
export function hasLeftLists({ step, lists }: Readmission): boolean {
  return step === 'in' && Object.keys(lists).length > 0;
}

/** What follows from an event. The state itself is returned where nothing does: the event is late, or was told twice. */
export function readmissionAfter(state: Readmission, event: ReadmissionEvent): Readmission {
  switch (event.kind) {
    case 'left':
      return left(state, event);
    case 'missed':
      return missed(state, event);
    case 'asked':
      return isUnderWay(state) ? state : opening(state);
    case 'opened':
      return isOf(state, event, 'opening') ? { ...state, step: 'catching-up', openedInStep: event.inStep } : state;
    case 'caught-up':
      return isOf(state, event, 'catching-up') ? { ...state, step: 'comparing', pass: passNumber(1) } : state;
    case 'advanced':
      return isAhead(state, event) ? { ...state, pass: event.pass } : state;
    case 'passed':
      return isAhead(state, event) ? passed(state, event.pass) : state;
    case 'returned':
      return isOf(state, event, 'returning') ? returned(state) : state;
    case 'fell':
      return isUnderWay(state) && state.run === event.run ? out(state, event.because) : state;
  }
}

/**
 * The last list counts that had the domain: what was noted first may never have been left, because somebody turned the list
 * meanwhile to another one.
 */
function left(
  state: Readmission,
  { domain, list, before }: { domain: DomainName; list: string; before: readonly DomainName[] },
): Readmission {
  const known = state.lists[list];
  if (known !== undefined && (!before.includes(domain) || known.join() === before.join())) return state;
  return { ...state, lists: { ...state.lists, [list]: before } };
}

function returned({ run, written, openedInStep }: Readmission): Readmission {
  return { step: 'in', run, lists: {}, written, ...(openedInStep === undefined ? {} : { openedInStep }) };
}

function opening({ run, lists }: Readmission): Readmission {
  return { step: 'opening', run: run + 1, lists, written: 0 };
}

/**
 * A comparison that has begun may have passed what the replay missed, and begins anew. While its events are paused it is out,
 * and is compared when it comes back; else it is on its way back at once, and carried on by whoever finds nobody at it.
 */
function missed(state: Readmission, { because, isPaused }: { because: string; isPaused: boolean }): Readmission {
  const next = opening(state);
  return isPaused ? out(next, because) : next;
}

/** It is believed when it was checked and nothing differed: what was just mended is not. */
function passed(state: Readmission, { number, mode, tally }: Pass): Readmission {
  const written = state.written + tally.written;
  const { pass: _, ...rest } = state;
  const differing = differencesIn(tally);
  if (mode === 'check' && differing === 0) return { ...rest, written, step: 'returning' };
  if (number >= MOST_PASSES) {
    return out({ ...rest, written }, `${differing} members still differ from their rows after ${number} comparisons`);
  }
  return { ...state, written, pass: passNumber(number + 1) };
}

function passNumber(number: number): Pass {
  return { number, mode: number % 2 === 1 ? 'mend' : 'check', cursor: String(BEFORE_ALL), tally: NOTHING_YET };
}

function out({ run, lists, written }: Readmission, because: string): Readmission {
  return { step: 'out', run, lists, written, because };
}

function isOf(state: Readmission, event: { run: number }, step: Step): boolean {
  return state.step === step && state.run === event.run;
}

/** Of two who work on one pass, whoever has come further is believed. */
function isAhead(state: Readmission, event: { run: number; pass: Pass }): boolean {
  const { pass } = state;
  return (
    isOf(state, event, 'comparing') &&
    pass?.number === event.pass.number &&
    BigInt(event.pass.cursor) >= BigInt(pass.cursor)
  );
}
