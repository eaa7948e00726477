/** The two regions that serve, and the witness that only the arbiter uses. */
export const REGIONS = ['A', 'B'] as const;
export type Region = (typeof REGIONS)[number];

/** AWS regions behind the names; all three belong to one DynamoDB strong-consistency set. */
export const AWS_REGIONS: Readonly<Record<Region | 'witness', string>> = {
  A: 'us-east-1',
  B: 'us-east-2',
  witness: 'us-west-2',
};

export function otherRegion(region: Region): Region {
  return region === 'A' ? 'B' : 'A';
}
