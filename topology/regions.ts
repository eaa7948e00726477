import { STAGE_TOPOLOGY } from './stage';

/** The two regions that serve, and the witness that only the arbiter uses. */
export const REGIONS = ['A', 'B'] as const;
export type Region = (typeof REGIONS)[number];

/** AWS regions behind the names; those of this process's stage. */
export const AWS_REGIONS: Readonly<Record<Region | 'witness', string>> = STAGE_TOPOLOGY.awsRegions;

export function otherRegion(region: Region): Region {
  return region === 'A' ? 'B' : 'A';
}
