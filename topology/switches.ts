import { DOMAIN_PREFERENCE } from './domains';
import { REGIONS } from './regions';
import { TRAFFIC_CLASSES } from './traffic-classes';
import { UNITS } from './units';

/** A parameter under `/twinkeep/<stage>/`, with the JSON value it has before anyone turned it. */
export interface SwitchDefinition {
  readonly name: string;
  readonly defaultValue: unknown;
  /** What changes when it is turned, in one sentence for the operator. */
  readonly effect: string;
}

export const SWITCHES: readonly SwitchDefinition[] = [
  { name: 'failover/auto', defaultValue: 'off', effect: 'Whether units are promoted without an operator.' },
  ...TRAFFIC_CLASSES.map((name) => ({
    name: `search/${name}`,
    defaultValue: DOMAIN_PREFERENCE[name],
    effect: `Search domains that class ${name} asks, in order of preference.`,
  })),
  ...UNITS.map((unit) => ({
    name: `units/${unit.name}`,
    defaultValue: { writer: unit.home, mode: 'database' },
    effect: `Region and mode in which unit ${unit.name} takes writes.`,
  })),
  ...REGIONS.map((region) => ({
    name: `cache/${region}`,
    defaultValue: { mode: 'on', generation: 1 },
    effect: `Whether region ${region} reads its cache; a higher generation empties it at once.`,
  })),
  {
    name: 'ids/open',
    defaultValue: UNITS.map((unit) => ({ unit: unit.name, weight: 1 })),
    effect: 'Units that take new records, by weight.',
  },
  ...REGIONS.map((region) => ({
    name: `regions/${region}`,
    defaultValue: 'active',
    effect: `Whether region ${region} serves.`,
  })),
];

export function parameterName(stage: string, name: string): string {
  return `/twinkeep/${stage}/${name}`;
}

/** The switch that a parameter is; undefined if it is none of this stage. */
export function switchNamed(stage: string, parameter: string): string | undefined {
  return SWITCHES.find(({ name }) => parameterName(stage, name) === parameter)?.name;
}
