import { DEGRADABLE, DEGRADABLE_FEATURES } from './degradable';
import { DOMAIN_NAMES, DOMAIN_PREFERENCE, DOMAINS } from './domains';
import { REGIONS, type Region } from './regions';
import { TRAFFIC_CLASSES } from './traffic-classes';
import { UNITS } from './units';

/** A parameter under `/twinkeep/<stage>/`, with the JSON value it has before anyone turned it. */
export interface SwitchDefinition {
  readonly name: string;
  readonly defaultValue: unknown;
  /** What changes when it is turned, in one sentence for the operator. */
  readonly effect: string;
  /** What it may be turned to, in words; the schema stands in `lambdas/switches/`. */
  readonly values: string;
  /** What the worst accepted value takes away, and from whom. */
  readonly blastRadius: string;
  /** How its effect is ended. */
  readonly turnBack: string;
  /** Where an operator reads on, from the root. */
  readonly runbook: string;
}

/** What events are applied to, each with the queue that brings them. */
export interface SyncTarget {
  readonly name: string;
  readonly region: Region;
  readonly queue: string;
}

export const SYNC_TARGETS: readonly SyncTarget[] = [
  ...DOMAIN_NAMES.map((name) => ({ name, region: DOMAINS[name].region, queue: DOMAINS[name].queue })),
  ...REGIONS.map((region) => ({ name: `invalidate-${region}`, region, queue: `invalidate-${region}` })),
];

const RUNBOOK = 'docs/operations.md#turning-a-switch';
const PUT_BACK = 'Put the former value back.';

const searching: SwitchDefinition[] = TRAFFIC_CLASSES.map((name) => ({
  name: `search/${name}`,
  defaultValue: DOMAIN_PREFERENCE[name],
  effect: `Search domains that class ${name} asks, in order of preference.`,
  values: `A list of domains (${DOMAIN_NAMES.join(', ')}), one at least; class order asks domains that hold documents whole.`,
  blastRadius: `Look-ups by profile key and searches of class ${name}; its reads by id where database and cache are lost.`,
  turnBack: PUT_BACK,
  runbook: RUNBOOK,
}));

const units: SwitchDefinition[] = UNITS.map(({ name, home }) => ({
  name: `units/${name}`,
  defaultValue: { writer: home, mode: 'database' },
  effect: `Region and mode in which unit ${name} takes writes.`,
  values: '{"writer": "A" or "B", "mode": "database", "read-only" or "fallback"}; a request, which may be refused.',
  blastRadius: `All writes of the members of unit ${name}, for as long as the change takes.`,
  turnBack: 'Ask for the former writer and mode; that is a transition of its own.',
  runbook: RUNBOOK,
}));

const caches: SwitchDefinition[] = REGIONS.map((region) => ({
  name: `cache/${region}`,
  defaultValue: { mode: 'on', generation: 1 },
  effect: `Whether region ${region} reads its cache; a higher generation empties it at once.`,
  values: '{"mode": "on" or "off", "generation": a whole number, never lower than it is}.',
  blastRadius: `Every read of region ${region} asks a database until its cache is on, and filled again.`,
  turnBack: 'Put the mode back; a generation that was raised stays raised.',
  runbook: RUNBOOK,
}));

const regions: SwitchDefinition[] = REGIONS.map((region) => ({
  name: `regions/${region}`,
  defaultValue: 'active',
  effect: `Whether region ${region} serves.`,
  values:
    '"active", "draining" (serves, and says that it is not well) or "fenced" (refuses everything); one stays active. One that ' +
    'was lost since it was fenced becomes active by `npx twinkeep region readmit`, or unchecked by way of "draining".',
  blastRadius: `Every call that reaches region ${region}, and writes of units whose writer stands there.`,
  turnBack: 'Put "active" back.',
  runbook: RUNBOOK,
}));

const syncing: SwitchDefinition[] = SYNC_TARGETS.map(({ name, queue }) => ({
  name: `sync/${name}`,
  defaultValue: 'on',
  effect: `Whether events that wait in ${queue} are applied.`,
  values: '"on" or "paused".',
  blastRadius: `What ${name} knows stays as it is while events wait, for fourteen days at most.`,
  turnBack: 'Put "on" back; what has waited is applied.',
  runbook: RUNBOOK,
}));

const traffic: SwitchDefinition[] = [
  {
    name: 'traffic/rules',
    defaultValue: [],
    effect: 'Limits of the calls of callers, classes and operations, over both regions.',
    values:
      'A list of rules: id, match (any of caller, class, operation), algorithm (counter, sliding-window, leaky-bucket, token-bucket), ratePerS, burst (most calls at once; those of a second by default), warmUpS (of a token-bucket), mode ("off", "on", or "dry-run", which only counts).',
    blastRadius:
      'Every call that a rule matches; --dry-run of the command says what it would have done to recent ones.',
    turnBack: 'Put the former list back, or set the mode of one rule to "off".',
    runbook: 'docs/operations.md#limits',
  },
  {
    name: 'traffic/deny',
    defaultValue: [],
    effect: 'Calls that are denied, whoever makes them.',
    values:
      'A list of {"match": any of caller, class, operation, "reason"}; together they leave something that may be called.',
    blastRadius: 'Every call that an entry matches; --dry-run of the command says which of the recent ones that are.',
    turnBack: 'Put the former list back.',
    runbook: 'docs/operations.md#limits',
  },
  {
    name: 'traffic/hot-accounts',
    defaultValue: { mode: 'on', readsPerS: 10_000, writesPerS: 200 },
    effect: 'How often one member, or one account, may be asked for and written in each region.',
    values:
      '{"mode": "on", "dry-run" (only tells) or "off", "readsPerS" and "writesPerS": whole numbers from 1 to 1000000}.',
    blastRadius: 'Calls about a single member or account that come more often than that.',
    turnBack: 'Put the former value back, or "mode": "dry-run".',
    runbook: 'docs/runbooks/hot-account.md',
  },
];

const degrading: SwitchDefinition[] = DEGRADABLE_FEATURES.map((feature) => ({
  name: `degrade/${feature}`,
  defaultValue: 'off',
  effect: DEGRADABLE[feature].effect,
  values: '"off", "dry-run" (counts what would be the case) or "on".',
  blastRadius: DEGRADABLE[feature].blastRadius,
  turnBack: 'Put "off" back.',
  runbook: 'docs/operations.md#giving-something-up',
}));

export const SWITCHES: readonly SwitchDefinition[] = [
  {
    name: 'failover/auto',
    defaultValue: 'off',
    effect: 'Whether units are promoted without an operator.',
    values: '"off", "dry-run" (says what it would do) or "on".',
    blastRadius: 'Leases are short while it is not "off": writes then stop seconds after the arbiter is lost.',
    turnBack: 'Put "off" back; leases of an hour are granted from then on.',
    runbook: RUNBOOK,
  },
  ...searching,
  ...units,
  ...caches,
  {
    name: 'ids/open',
    defaultValue: UNITS.map((unit) => ({ unit: unit.name, weight: 1 })),
    effect: 'Units that take new records, by weight.',
    values: 'A list of {"unit", "weight": a whole number from 0}; one unit that can be written has a weight.',
    blastRadius: 'Registrations.',
    turnBack: PUT_BACK,
    runbook: RUNBOOK,
  },
  ...regions,
  ...syncing,
  ...traffic,
  ...degrading,
];

export function parameterName(stage: string, name: string): string {
  return `/twinkeep/${stage}/${name}`;
}

/** The switch that a parameter is; undefined if it is none of this stage. */
export function switchNamed(stage: string, parameter: string): string | undefined {
  return SWITCHES.find(({ name }) => parameterName(stage, name) === parameter)?.name;
}
