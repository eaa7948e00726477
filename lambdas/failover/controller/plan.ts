import {
  DOMAIN_NAMES,
  DOMAINS,
  type DomainName,
  otherRegion,
  REGIONS,
  type Region,
  TRAFFIC_CLASSES,
  type TrafficClass,
  UNITS,
} from '../../../topology';
import type { UnitDecision } from '../../arbiter';
import { isHeard, type Memory, type Standing, WELL, type Work } from './memory';
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
  /** Accepted values of the switches, and whether the controller itself turned them last. */
  readonly switches: Readonly<Record<string, { readonly value: unknown; readonly byController: boolean }>>;
}

/** What is to be done, each with the reason that an operator will read. */
export type Act =
  | { readonly kind: 'move'; readonly unit: string; readonly to: Region; readonly because: string }
  | { readonly kind: 'turn'; readonly name: string; readonly value: unknown; readonly because: string }
  | { readonly kind: 'readmit'; readonly domain: DomainName; readonly because: string }
  /** What was decided before is to go on: a transition, or the way back of a domain. */
  | { readonly kind: 'carry-on'; readonly subject: Work['subject']; readonly because: string }
  | { readonly kind: 'hold-back'; readonly subject: string; readonly because: string };

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
/** Looks in a row without a word of a region after which its units go, although their writers are still reached. */
export const FORSAKEN_AFTER_LOOKS = 8;

/** Looks in a row at which nobody was seen at something that is under way, after which somebody is told to go on. */
export const STILL_AFTER_LOOKS = 3;

/** Responsible for what belongs to no region. */
const [FIRST_REGION] = REGIONS;

/**
 * What this controller would do now. Where two controllers could do the same, one of them is responsible: for a unit
 * the region that it moves to, for a store the region where it stands, for a region the other one, for what belongs to
 * no region the first; a region that is silent leaves its part to the other. A region that has just come back decides
 * nothing until it is well: else two regions that were lost in turn could fence each other.
 */
export function plan(view: View): readonly Act[] {
  const own = standing(view.memory, `region/${view.region}`);
  if (!own.isWell) return [];
  return [
    ...UNITS.flatMap(({ name }) => planUnit(view, name)),
    ...TRAFFIC_CLASSES.flatMap((name) => planList(view, name)),
    ...DOMAIN_NAMES.flatMap((name) => planDomain(view, name)),
    ...REGIONS.flatMap((region) => planCache(view, region)),
    ...REGIONS.flatMap((region) => planRegion(view, region)),
    ...planWorks(view),
  ];
}

/** Unless `failover/auto` is on, a controller only says what it would do. What has been decided goes on all the same. */
export function restrained(acts: readonly Act[], auto: unknown): readonly Act[] {
  if (auto === 'on') return acts;
  return acts.map((act) => {
    if (act.kind === 'hold-back' || act.kind === 'carry-on') return act;
    const because = `it would ${textOf(act)}, because ${act.because}; but failover/auto is not on`;
    return { kind: 'hold-back', subject: subjectOf(act), because };
  });
}

function textOf(act: Exclude<Act, { kind: 'hold-back' | 'carry-on' }>): string {
  switch (act.kind) {
    case 'move':
      return `move unit ${act.unit} to region ${act.to}`;
    case 'turn':
      return `turn ${act.name} to ${JSON.stringify(act.value)}`;
    case 'readmit':
      return `readmit the search domain ${act.domain}`;
  }
}

/**
 * A unit moves when no region has reached its writer for as long as that may be brought back where it stands, or when the
 * writer's region has been silent for so long that nobody renews its lease; and only to a side that answers. It never
 * moves back by itself.
 */
function planUnit({ region, nowMs, memory, units, writerPatienceMs }: View, name: string): readonly Act[] {
  const unit = units.find((decision) => decision.unit === name);
  if (unit === undefined || unit.mode !== 'database') return [];
  const from = unit.writer;
  const to = otherRegion(from);
  const { isWell: isReached, fellAtMs } = standing(memory, `database/${name}/${from}`);
  const isForsaken = memory.heard[from].silentLooks >= FORSAKEN_AFTER_LOOKS;
  if (to !== region || (isReached && !isForsaken)) return [];
  const because = isReached
    ? `region ${from} is silent: nobody there renews the lease of ${name}`
    : `no region reaches the writer of ${name} in region ${from}`;
  const isAwaited = !isForsaken && Math.abs(nowMs - (fellAtMs.at(-1) ?? 0)) < writerPatienceMs;
  if (isAwaited) {
    const patience = `${because}: it is given ${writerPatienceMs / 1000} s to come back where it stands`;
    return [{ kind: 'hold-back', subject: `unit/${name}`, because: patience }];
  }
  const target = standing(memory, `database/${name}/${to}`);
  if (!target.isWell) {
    return [{ kind: 'hold-back', subject: `unit/${name}`, because: `${because}, nor its replica in region ${to}` }];
  }
  return [{ kind: 'move', unit: name, to, because }];
}

/** Domains that are ill leave a list that has another; several may be ill at once, so each list is turned as a whole. */
function planList(view: View, trafficClass: TrafficClass): readonly Act[] {
  const name = `search/${trafficClass}`;
  if (!isResponsible(view, FIRST_REGION)) return [];
  const value = (view.switches[name]?.value ?? []) as readonly DomainName[];
  const ill = value.filter((domain) => !standing(view.memory, `domain/${domain}`).isWell);
  if (ill.length === 0 || ill.length === value.length) return [];
  const left = value.filter((domain) => !ill.includes(domain));
  return [{ kind: 'turn', name, value: left, because: `no region reaches the search domain ${ill.join(', nor ')}` }];
}

/** The events of a domain that is ill wait for it; one that is well again is readmitted. */
function planDomain(view: View, name: DomainName): readonly Act[] {
  if (!isResponsible(view, DOMAINS[name].region)) return [];
  const subject = `domain/${name}` as const;
  const sync = view.switches[`sync/${name}`];
  if (!standing(view.memory, subject).isWell) {
    const because = `no region reaches the search domain ${name}`;
    return sync?.value === 'on' ? [{ kind: 'turn', name: `sync/${name}`, value: 'paused', because }] : [];
  }
  if (sync?.value !== 'paused' || !sync.byController) return [];
  return (
    heldBack(view, subject) ?? [{ kind: 'readmit', domain: name, because: `the search domain ${name} answers again` }]
  );
}

/**
 * A cache that was away comes back empty: what it missed meanwhile cannot be known. That of a lost region is turned off by
 * the other one, for its own could wake up with what it knew, and a controller that has seen nothing.
 */
function planCache(view: View, region: Region): readonly Act[] {
  const isLost = !standing(view.memory, `region/${region}`).isWell;
  if (view.region !== region && !isLost) return [];
  const name = `cache/${region}`;
  const setting = view.switches[name];
  const { mode, generation } = (setting?.value ?? {}) as { mode?: 'on' | 'off'; generation?: number };
  const subject = `cache/${region}` as const;
  const isWell = standing(view.memory, subject).isWell;
  if (!isWell && mode === 'on') {
    const because = isLost ? `region ${region} is lost` : `region ${region} does not reach its cache`;
    return [{ kind: 'turn', name, value: { mode: 'off', generation }, because }];
  }
  if (!isWell || mode !== 'off' || setting?.byController !== true) return [];
  const value = { mode: 'on', generation: (generation ?? 0) + 1 };
  return (
    heldBack(view, subject) ?? [{ kind: 'turn', name, value, because: `the cache of region ${region} answers again` }]
  );
}

/** A lost region is fenced, so that nothing in it serves when it wakes; only an operator lets it serve again. */
function planRegion(view: View, region: Region): readonly Act[] {
  const name = `regions/${region}`;
  if (view.region === region || standing(view.memory, `region/${region}`).isWell) return [];
  if (view.switches[name]?.value === 'fenced') return [];
  const because = `region ${region} is silent, and nothing of it is reached from region ${view.region}`;
  return [{ kind: 'turn', name, value: 'fenced', because }];
}

/** Whoever was at it has died with the message that said so, which comes back only much later. */
function planWorks(view: View): readonly Act[] {
  return Object.entries(view.memory.works).flatMap(([name, { stillLooks }]): readonly Act[] => {
    const subject = name as Work['subject'];
    if (stillLooks < STILL_AFTER_LOOKS || !isResponsible(view, regionOfWork(view, subject))) return [];
    return [
      { kind: 'carry-on', subject, because: `nobody has been seen at ${subject} for ${STILL_AFTER_LOOKS} looks` },
    ];
  });
}

function regionOfWork({ units }: View, subject: Work['subject']): Region {
  const domain = DOMAIN_NAMES.find((name) => subject === `domain/${name}`);
  if (domain !== undefined) return DOMAINS[domain].region;
  return units.find(({ unit }) => subject === `unit/${unit}`)?.transition?.to ?? FIRST_REGION;
}

/** Why something that is well again must wait before it is used, if it must. */
function heldBack({ memory, nowMs }: View, subject: Subject): readonly Act[] | undefined {
  const { fellAtMs } = standing(memory, subject);
  if (fellAtMs.length > FALLS_BUDGET) {
    const because = `it fell ${fellAtMs.length} times within an hour: bring it back by hand when it is steady`;
    return [{ kind: 'hold-back', subject, because }];
  }
  const dwellMs = DWELL_MS * 2 ** Math.max(0, fellAtMs.length - 1);
  const sinceMs = Math.abs(nowMs - (fellAtMs.at(-1) ?? 0));
  if (sinceMs >= dwellMs) return undefined;
  return [{ kind: 'hold-back', subject, because: `it fell lately: it is waited ${dwellMs / 1000} s from then` }];
}

function isResponsible({ region, memory }: View, home: Region): boolean {
  return region === home || !isHeard(memory, home);
}

function standing({ standings }: Memory, subject: Subject): Standing {
  return standings[subject] ?? WELL;
}
