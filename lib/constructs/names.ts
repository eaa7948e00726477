import { parameterName, REGIONS, type Region, type Table, tableName, unitsOf } from '../../topology';
import type { StageConfiguration } from '../configuration';

/** Secrets, by what they hold; each has the same name in both regions. */
export type SecretKind = 'database' | 'cache' | 'keys' | `master-${string}`;

/**
 * What everything of a stage is called. Parts that stand in another stack or region are named, not referred to, where a
 * name is enough: such a reference can't go stale, and makes no stack wait for another.
 */
export class Names {
  readonly prefix: string;

  constructor(readonly stage: string) {
    this.prefix = `twinkeep-${stage}`;
  }

  /** Of anything whose name counts within one region and kind. */
  of(name: string): string {
    return `${this.prefix}-${name}`;
  }

  /** Of what is named in a namespace without regions, such as roles. */
  inRegion(region: Region, name: string): string {
    return `${this.prefix}-${region.toLowerCase()}-${name}`;
  }

  secret(kind: SecretKind): string {
    return `twinkeep/${this.stage}/${kind}`;
  }

  table(name: Table['name']): string {
    return tableName(this.prefix, name);
  }

  parameter(name: string): string {
    return parameterName(this.stage, name);
  }

  get endpointsPath(): string {
    return this.parameter('endpoints');
  }
}

/** A cluster, and the region that writes it as long as nobody has moved its unit. */
export interface PlacedCluster {
  readonly name: string;
  readonly unit: string;
  readonly home: Region;
}

export function clustersOf({ databases }: StageConfiguration): readonly PlacedCluster[] {
  return unitsOf(databases.clustersPerUnit).flatMap(({ name: unit, home, clusters }) =>
    clusters.map((name) => ({ name, unit, home })),
  );
}

export function eachRegion<T>(make: (region: Region) => T): Readonly<Record<Region, T>> {
  return Object.fromEntries(REGIONS.map((region) => [region, make(region)])) as Record<Region, T>;
}
