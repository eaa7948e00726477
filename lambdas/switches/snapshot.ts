import {
  DEGRADABLE_FEATURES,
  type DegradableFeature,
  type DomainName,
  REGIONS,
  type Region,
  SWITCHES,
  SYNC_TARGETS,
  TRAFFIC_CLASSES,
  type TrafficClass,
} from '../../topology';
import { TRANSITION_STEPS, type TransitionStep, type UnitDecision } from '../arbiter';
import type { Denial, FlowRule } from '../core';
import type { HotAccountLimits } from './catalogue';

/** `draining`: it serves, and says that it is not well. `fenced`: it refuses everything. */
export type RegionMode = 'active' | 'draining' | 'fenced';

export type FeatureMode = 'off' | 'dry-run' | 'on';

export interface UnitState {
  readonly epoch: number;
  /** Region whose server takes this unit's writes. */
  readonly writer: Region;
  readonly mode: UnitDecision['mode'];
  /** Of the transition that it is in. */
  readonly step?: TransitionStep;
  /** Whether its rows may lack commands that were journaled in mode `fallback`: they are not read until they have them. */
  readonly drains?: true;
}

/** What operators and controllers have decided, in the form in which requests use it. */
export interface Snapshot {
  /** Step of the book of switches that it was compiled from: of two snapshots the one of the higher step is newer. */
  readonly step: number;
  readonly units: Readonly<Record<string, UnitState>>;
  readonly search: Readonly<Record<TrafficClass, readonly DomainName[]>>;
  readonly caches: Readonly<Record<Region, { readonly mode: 'on' | 'off'; readonly generation: number }>>;
  readonly open: readonly { readonly unit: string; readonly weight: number }[];
  readonly regions: Readonly<Record<Region, RegionMode>>;
  /** By target: whether events are applied to it. */
  readonly sync: Readonly<Record<string, 'on' | 'paused'>>;
  readonly traffic: { readonly rules: readonly FlowRule[]; readonly deny: readonly Denial[] };
  readonly hotAccounts: HotAccountLimits;
  /** How often the registry of callers was changed: who has met one before looks at it again. */
  readonly callers: number;
  /** By feature: whether it is given up, or only counted what giving it up would do. */
  readonly degrade: Readonly<Record<DegradableFeature, FeatureMode>>;
  /** Whether units are promoted without an operator. */
  readonly auto: 'off' | 'dry-run' | 'on';
}

interface AcceptedSwitch {
  readonly name: string;
  readonly value: unknown;
}

/** Compiles the snapshot from the accepted switch values, or their defaults, and the units' decisions. */
export function compileSnapshot(
  accepted: readonly AcceptedSwitch[],
  units: readonly UnitDecision[],
  step = 0,
  callers = 0,
): Snapshot {
  const settingOf = <T>(name: string): T => {
    const found = accepted.find((candidate) => candidate.name === name);
    return (found ?? { value: SWITCHES.find((definition) => definition.name === name)?.defaultValue }).value as T;
  };
  const settingsOf = <T>(folder: string, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, settingOf<T>(`${folder}/${name}`)]));
  return {
    step,
    units: Object.fromEntries(units.map((decision) => [decision.unit, stateOf(decision)])),
    search: settingsOf('search', TRAFFIC_CLASSES) as Snapshot['search'],
    caches: settingsOf('cache', REGIONS) as Snapshot['caches'],
    open: settingOf('ids/open'),
    regions: settingsOf('regions', REGIONS) as Snapshot['regions'],
    sync: settingsOf(
      'sync',
      SYNC_TARGETS.map(({ name }) => name),
    ),
    traffic: { rules: settingOf('traffic/rules'), deny: settingOf('traffic/deny') },
    hotAccounts: settingOf('traffic/hot-accounts'),
    callers,
    degrade: settingsOf('degrade', DEGRADABLE_FEATURES) as Snapshot['degrade'],
    auto: settingOf('failover/auto'),
  };
}

/** A snapshot as it lay in a cache; what an older version of this code did not know yet has its default. */
export function readSnapshot(text: string): Snapshot {
  return { ...compileSnapshot([], []), ...(JSON.parse(text) as Partial<Snapshot>) };
}

/**
 * Takes what is newer: a unit never goes back to an older epoch, and no switch to an older value, because a late snapshot
 * says so.
 */
export function mergeSnapshots(known: Snapshot | undefined, arrived: Snapshot): Snapshot {
  if (known === undefined) return arrived;
  const units: Record<string, UnitState> = { ...arrived.units };
  for (const [unit, state] of Object.entries(known.units)) {
    const told = units[unit];
    if (told === undefined || isLater(state, told)) units[unit] = state;
  }
  const callers = Math.max(known.callers, arrived.callers);
  return { ...(arrived.step < known.step ? known : arrived), units, callers };
}

export function withUnit(snapshot: Snapshot, decision: UnitDecision): Snapshot {
  const known = snapshot.units[decision.unit];
  const told = stateOf(decision);
  if (known !== undefined && isLater(known, told)) return snapshot;
  return { ...snapshot, units: { ...snapshot.units, [decision.unit]: told } };
}

export function stateOf({ epoch, writer, mode, transition }: UnitDecision): UnitState {
  const drains = transition?.drains === true ? { drains: transition.drains } : {};
  return { epoch, writer, mode, ...drains, ...(transition === undefined ? {} : { step: transition.step }) };
}

/** By the epoch, and within it by the step of its transition; with none left the unit is open. */
function isLater(one: UnitState, other: UnitState): boolean {
  return one.epoch === other.epoch ? progressOf(one) > progressOf(other) : one.epoch > other.epoch;
}

function progressOf({ step }: UnitState): number {
  return step === undefined ? TRANSITION_STEPS.length : TRANSITION_STEPS.indexOf(step);
}
