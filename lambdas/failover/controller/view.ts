import type { DomainName, Region } from '../../../topology';
import type { UnitDecision } from '../../arbiter';
import { type Memory, type Standing, WELL, type Work } from './memory';
import type { Subject } from './report';

/** What a controller knows when it decides. */
export interface View {
  /** Where this controller runs. */
  readonly region: Region;
  readonly nowMs: number;
  readonly memory: Memory;
  readonly units: readonly UnitDecision[];
  /** How long a writer that is gone is waited for while its region lives. */
  readonly writerPatienceMs: number;
  /** How far behind a copy may be for its unit to move there without people. */
  readonly promotableLagMs: number;
  /** Domains that left lists and are on no way back. */
  readonly left: readonly DomainName[];
  /** Accepted values of the switches, and whether the controller itself turned them last. */
  readonly switches: Readonly<
    Record<string, { readonly value: unknown; readonly revision: number; readonly byController: boolean }>
  >;
}

/** What is to be done, each with the reason that an operator will read. */
export type Act =
  | { readonly kind: 'move'; readonly unit: string; readonly to: Region; readonly because: string }
  | {
      readonly kind: 'turn';
      readonly name: string;
      readonly value: unknown;
      /** What was seen: whoever turns it meanwhile knows why. */
      readonly expectedRevision: number;
      readonly because: string;
    }
  | { readonly kind: 'readmit'; readonly domain: DomainName; readonly because: string }
  /** What was decided before is to go on: a transition, or the way back of a domain. */
  | { readonly kind: 'carry-on'; readonly subject: Work['subject']; readonly because: string }
  | {
      readonly kind: 'hold-back';
      readonly subject: string;
      readonly because: string;
      /** It will not pass by itself, as far as can be told. */
      readonly needsPeople?: true;
    };

/** What an act is about: `unit/a1`, `switch/search/order`, `domain/order`. */
export function subjectOf(act: Act): string {
  switch (act.kind) {
    case 'move':
      return `unit/${act.unit}`;
    case 'turn':
      return `switch/${act.name}`;
    case 'readmit':
      return `domain/${act.domain}`;
    case 'carry-on':
      return `${act.subject}/carried`;
    case 'hold-back':
      return act.subject;
  }
}

/** First pause before something that came back is used again; doubled with each further fall within the hour. */
export const DWELL_MS = 15_000;
/** Falls within an hour after which only an operator brings it back. */
export const FALLS_BUDGET = 4;
export function standing({ standings }: Memory, subject: Subject): Standing {
  return standings[subject] ?? WELL;
}

/** Why something that has happened at these times within the hour must not yet happen again, if it must not. */
export function pauseAfter(atMs: readonly number[], nowMs: number, what: 'fell' | 'moved'): string | undefined {
  if (atMs.length > FALLS_BUDGET) {
    const remedy = what === 'fell' ? 'bring it back by hand when it is steady' : 'move it by hand';
    return `it ${what} ${atMs.length} times within an hour: ${remedy}`;
  }
  const last = atMs.at(-1);
  const dwellMs = DWELL_MS * 2 ** Math.max(0, atMs.length - 1);
  if (last === undefined || Math.abs(nowMs - last) >= dwellMs) return undefined;
  return `it ${what} lately: it is waited ${dwellMs / 1000} s from then`;
}
