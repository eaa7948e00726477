import type { Region } from './regions';
import { STAGE_TOPOLOGY } from './stage';

/** A unit is what fails over: the placements whose writer lives in one region. */
export interface Unit {
  readonly name: string;
  readonly home: Region;
  /** Aurora global clusters of this unit; each has one writer and one replica in the other region. */
  readonly clusters: readonly string[];
}

/** The units of a stage with so many clusters in each. The first cluster of a unit bears its name. */
export function unitsOf(clustersPerUnit: number): readonly Unit[] {
  const clusters = (unit: string) =>
    Array.from({ length: clustersPerUnit }, (_, index) => (index === 0 ? unit : `${unit}-${index + 1}`));
  return [
    { name: 'a1', home: 'A', clusters: clusters('a1') },
    { name: 'b1', home: 'B', clusters: clusters('b1') },
  ];
}

/** What RDS calls a global cluster of a stage, wherever its writer stands. */
export function globalClusterIdentifier(stage: string, cluster: string): string {
  return `twinkeep-${stage}-${cluster}`;
}

/** What RDS calls the part of a global cluster that stands in one region. */
export function clusterIdentifier(stage: string, region: Region, cluster: string): string {
  return `twinkeep-${stage}-${region.toLowerCase()}-${cluster}`;
}

/** Those of this process's stage. */
export const UNITS: readonly Unit[] = unitsOf(STAGE_TOPOLOGY.clustersPerUnit);

export const PLACEMENTS = 4096;

/** One range of placements, inclusive on both ends, and the schema that holds its rows. */
export interface ShardRange {
  readonly from: number;
  readonly to: number;
  readonly unit: string;
  readonly cluster: string;
  readonly schema: string;
}

const SCHEMAS_PER_CLUSTER = 4;

/** Schema that every cluster has once; it holds the fence and the lease. */
export const CONTROL_SCHEMA = 'twinkeep';

function evenRanges(units: readonly Unit[]): ShardRange[] {
  const clusters = units.flatMap((unit) => unit.clusters.map((cluster) => ({ unit: unit.name, cluster })));
  const width = PLACEMENTS / (clusters.length * SCHEMAS_PER_CLUSTER);
  return clusters.flatMap(({ unit, cluster }, index) =>
    Array.from({ length: SCHEMAS_PER_CLUSTER }, (_, schema) => {
      const from = (index * SCHEMAS_PER_CLUSTER + schema) * width;
      return { from, to: from + width - 1, unit, cluster, schema: `members_${schema}` };
    }),
  );
}

/** The shard map: every placement belongs to exactly one range. */
export const SHARD_MAP: readonly ShardRange[] = evenRanges(UNITS);
