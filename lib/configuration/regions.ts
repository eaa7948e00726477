/** Regions among which DynamoDB keeps a table strongly consistent; A, B and the witness come from one of these sets. */
export const CONSISTENCY_SETS: readonly (readonly string[])[] = [
  ['us-east-1', 'us-east-2', 'us-west-2'],
  ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
];

export function areOfOneSet(names: readonly string[]): boolean {
  return CONSISTENCY_SETS.some((set) => names.every((name) => set.includes(name)));
}
