import type { Region } from './regions';

/** A unit is what fails over: the placements whose writer lives in one region. */
export interface Unit {
  readonly name: string;
  readonly home: Region;
  /** Aurora global clusters of this unit; each has one writer and one replica in the other region. */
  readonly clusters: readonly string[];
}

export const UNITS: readonly Unit[] = [
  { name: 'a1', home: 'A', clusters: ['a1'] },
  { name: 'b1', home: 'B', clusters: ['b1'] },
];

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

function evenRanges(): ShardRange[] {
  const clusters = UNITS.flatMap((unit) => unit.clusters.map((cluster) => ({ unit: unit.name, cluster })));
  const width = PLACEMENTS / (clusters.length * SCHEMAS_PER_CLUSTER);
  return clusters.flatMap(({ unit, cluster }, index) =>
    Array.from({ length: SCHEMAS_PER_CLUSTER }, (_, schema) => {
      const from = (index * SCHEMAS_PER_CLUSTER + schema) * width;
      return { from, to: from + width - 1, unit, cluster, schema: `members_${schema}` };
    }),
  );
}

/** The shard map: every placement belongs to exactly one range. */
export const SHARD_MAP: readonly ShardRange[] = evenRanges();
