import {
  DOMAIN_NAMES,
  DOMAIN_PREFERENCE,
  DOMAINS,
  type DomainName,
  REGIONS,
  type Region,
  TRAFFIC_CLASSES,
  type TrafficClass,
  UNITS,
} from '../../../topology';
import { isHeard, type Work } from './memory';
import { planUnit } from './plan-unit';
import type { Subject } from './report';
import { type Act, pauseAfter, standing, subjectOf, type View } from './view';

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

/** Domains that are ill leave a list that has another; several may be ill at once, so each list is turned as a whole. */
function planList(view: View, trafficClass: TrafficClass): readonly Act[] {
  const name = `search/${trafficClass}`;
  if (!isResponsible(view, FIRST_REGION)) return [];
  const value = (view.switches[name]?.value ?? []) as readonly DomainName[];
  const ill = value.filter((domain) => !standing(view.memory, `domain/${domain}`).isWell);
  if (ill.length === 0 || ill.length === value.length) return [];
  const left = value.filter((domain) => !ill.includes(domain));
  return [turned(view, name, left, `no region reaches the search domain ${ill.join(', nor ')}`)];
}

/** The events of a domain that is ill wait for it; one that is well again is readmitted. */
function planDomain(view: View, name: DomainName): readonly Act[] {
  if (!isResponsible(view, DOMAINS[name].region)) return [];
  const subject = `domain/${name}` as const;
  const sync = view.switches[`sync/${name}`];
  if (!standing(view.memory, subject).isWell) {
    const because = `no region reaches the search domain ${name}`;
    return sync?.value === 'on' ? [turned(view, `sync/${name}`, 'paused', because)] : [];
  }
  const isOut = sync?.value === 'paused' ? sync.byController : isMissed(view, name);
  if (!isOut) return [];
  return (
    heldBack(view, subject) ?? [{ kind: 'readmit', domain: name, because: `the search domain ${name} answers again` }]
  );
}

/**
 * Whether a list lacks a domain that a controller took out of it, while its events were never paused: lists and events are
 * two controllers', and of a short fall one of them may see too little to be convinced.
 */
function isMissed({ left, switches }: View, name: DomainName): boolean {
  const lacksIt = (trafficClass: TrafficClass) => {
    const list = switches[`search/${trafficClass}`];
    const isWanted = DOMAIN_PREFERENCE[trafficClass].includes(name);
    return isWanted && list?.byController === true && !(list.value as readonly DomainName[]).includes(name);
  };
  return left.includes(name) && TRAFFIC_CLASSES.some(lacksIt);
}

/**
 * A cache that was away comes back empty: what it missed meanwhile cannot be known. That of a lost region is turned off by
 * the other one, for its own could wake up with what it knew, and a controller that has seen nothing. So that the two do not
 * turn it to and fro, a region that is fenced leaves its cache off until it is to serve again.
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
    return [turned(view, name, { mode: 'off', generation }, because)];
  }
  const isFenced = view.switches[`regions/${region}`]?.value === 'fenced';
  if (!isWell || isFenced || mode !== 'off' || setting?.byController !== true) return [];
  const value = { mode: 'on', generation: (generation ?? 0) + 1 };
  return heldBack(view, subject) ?? [turned(view, name, value, `the cache of region ${region} answers again`)];
}

/** A lost region is fenced, so that nothing in it serves when it wakes; only an operator lets it serve again. */
function planRegion(view: View, region: Region): readonly Act[] {
  const name = `regions/${region}`;
  if (view.region === region || standing(view.memory, `region/${region}`).isWell) return [];
  if (view.switches[name]?.value === 'fenced') return [];
  const because = `region ${region} is silent, and nothing of it is reached from region ${view.region}`;
  return [turned(view, name, 'fenced', because)];
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

function turned({ switches }: View, name: string, value: unknown, because: string): Act {
  return { kind: 'turn', name, value, expectedRevision: switches[name]?.revision ?? 0, because };
}

/** Why something that is well again must wait before it is used, if it must. */
function heldBack({ memory, nowMs }: View, subject: Subject): readonly Act[] | undefined {
  const pause = pauseAfter(standing(memory, subject).fellAtMs, nowMs, 'fell');
  return pause === undefined ? undefined : [{ kind: 'hold-back', subject, because: pause }];
}

function isResponsible({ region, memory }: View, home: Region): boolean {
  return region === home || !isHeard(memory, home);
}
