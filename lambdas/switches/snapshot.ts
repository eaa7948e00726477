import {
  DOMAIN_PREFERENCE,
  type DomainName,
  REGIONS,
  type Region,
  SWITCHES,
  TRAFFIC_CLASSES,
  type TrafficClass,
} from '../../topology';
import type { UnitDecision } from '../arbiter';

export interface UnitState {
  readonly epoch: number;
  /** Region whose server takes this unit's writes. */
  readonly writer: Region;
  readonly mode: UnitDecision['mode'];
}

/** What operators and controllers have decided, in the form in which requests use it. */
export interface Snapshot {
  readonly units: Readonly<Record<string, UnitState>>;
  readonly search: Readonly<Record<TrafficClass, readonly DomainName[]>>;
  readonly caches: Readonly<Record<Region, { readonly mode: 'on' | 'off'; readonly generation: number }>>;
  readonly open: readonly { readonly unit: string; readonly weight: number }[];
}

interface AcceptedSwitch {
  readonly name: string;
  readonly value: unknown;
}

/** Compiles the snapshot from the accepted switch values, or their defaults, and the units' decisions. */
export function compileSnapshot(accepted: readonly AcceptedSwitch[], units: readonly UnitDecision[]): Snapshot {
  const settingOf = <T>(name: string): T => {
    const found = accepted.find((candidate) => candidate.name === name);
    return (found ?? { value: SWITCHES.find((definition) => definition.name === name)?.defaultValue }).value as T;
  };
  return {
    units: Object.fromEntries(units.map(({ unit, epoch, writer, mode }) => [unit, { epoch, writer, mode }])),
    search: Object.fromEntries(
      TRAFFIC_CLASSES.map((name) => [name, settingOf(`search/${name}`) ?? DOMAIN_PREFERENCE[name]]),
    ) as unknown as Snapshot['search'],
    caches: Object.fromEntries(
      REGIONS.map((region) => [region, settingOf(`cache/${region}`)]),
    ) as unknown as Snapshot['caches'],
    open: settingOf('ids/open'),
  };
}

/** Takes what is newer: a unit never goes back to an older epoch because a late snapshot says so. */
export function mergeSnapshots(known: Snapshot | undefined, arrived: Snapshot): Snapshot {
  if (known === undefined) return arrived;
  const units: Record<string, UnitState> = { ...arrived.units };
  for (const [unit, state] of Object.entries(known.units)) {
    const newer = units[unit];
    if (newer === undefined || newer.epoch < state.epoch) units[unit] = state;
  }
  return { ...arrived, units };
}

export function withUnit(snapshot: Snapshot, { unit, epoch, writer, mode }: UnitDecision): Snapshot {
  const known = snapshot.units[unit];
  if (known !== undefined && known.epoch > epoch) return snapshot;
  return { ...snapshot, units: { ...snapshot.units, [unit]: { epoch, writer, mode } } };
}
