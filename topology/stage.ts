/**
 * What one stage may have otherwise than another, although every stage runs the same bundles. A function is told in
 * `TWINKEEP_TOPOLOGY`, as JSON; where nothing is said, as on one machine, the defaults stand.
 */
export interface StageTopology {
  /** AWS regions behind the names; all three belong to one DynamoDB strong-consistency set. */
  readonly awsRegions: Readonly<Record<'A' | 'B' | 'witness', string>>;
  /** Aurora global clusters of each unit; a power of two, so that the ranges of the shard map are whole. */
  readonly clustersPerUnit: number;
  /**
   * How long a unit's writer that is gone is waited for while its region lives: Aurora restarts or replaces it there, and
   * loses nothing by it. 0 where nothing would.
   */
  readonly writerPatienceMs: number;
  /**
   * How far behind a lost writer the other region's copy may be for the unit to move there by itself. What the copy lacks is
   * lost to whoever wrote it in class `one`; more than this is for people to give up.
   */
  readonly promotableLagMs: number;
}

export const DEFAULT_STAGE_TOPOLOGY: StageTopology = {
  awsRegions: { A: 'us-east-1', B: 'us-east-2', witness: 'us-west-2' },
  clustersPerUnit: 1,
  writerPatienceMs: 0,
  promotableLagMs: 60_000,
};

/** Most clusters of a unit: the names of all masters' secrets have to fit into 4 KB, the environment of a function. */
export const MOST_CLUSTERS_PER_UNIT = 32;

export function isClusterCount(count: unknown): count is number {
  return Number.isInteger(count) && Math.log2(count as number) % 1 === 0 && (count as number) <= MOST_CLUSTERS_PER_UNIT;
}

/** @throws Error if it is told, and is not what a stage can be */
export function readStageTopology(text: string | undefined): StageTopology {
  if (text === undefined) return DEFAULT_STAGE_TOPOLOGY;
  const told = JSON.parse(text) as Partial<StageTopology>;
  const { awsRegions, clustersPerUnit } = told;
  const named = [awsRegions?.A, awsRegions?.B, awsRegions?.witness];
  if (awsRegions === undefined || named.some((name) => typeof name !== 'string')) {
    throw new Error('TWINKEEP_TOPOLOGY must name the regions A, B and witness');
  }
  if (!isClusterCount(clustersPerUnit)) {
    throw new Error(`TWINKEEP_TOPOLOGY: clustersPerUnit must be a power of two up to ${MOST_CLUSTERS_PER_UNIT}`);
  }
  const writerPatienceMs = readMilliseconds(told, 'writerPatienceMs');
  const promotableLagMs = readMilliseconds(told, 'promotableLagMs');
  return { awsRegions, clustersPerUnit, writerPatienceMs, promotableLagMs };
}

function readMilliseconds(told: Partial<StageTopology>, name: 'writerPatienceMs' | 'promotableLagMs'): number {
  const { [name]: value } = told;
  if (value !== undefined && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`TWINKEEP_TOPOLOGY: ${name} must be a number of milliseconds`);
}

/** That of this process. */
export const STAGE_TOPOLOGY = readStageTopology(process.env.TWINKEEP_TOPOLOGY);
