/** Regions among which DynamoDB keeps a table strongly consistent; A, B and the witness come from one of these sets. */
export const CONSISTENCY_SETS: readonly (readonly string[])[] = [
  ['us-east-1', 'us-east-2', 'us-west-2'],
  ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
];

/** Letters of the zones in which an account of today may place something. */
const ZONES: Readonly<Record<string, string>> = {
  'us-east-1': 'abcdef',
  'us-east-2': 'abc',
  'us-west-2': 'abcd',
  'eu-west-1': 'abc',
  'eu-west-2': 'abc',
  'eu-west-3': 'abc',
  'eu-central-1': 'abc',
  'ap-northeast-1': 'acd',
  'ap-northeast-2': 'abcd',
  'ap-northeast-3': 'abc',
};

/** Those of the letters for which the region has a zone; all of them, if nobody has written down its zones. */
export function zonesIn(region: string, letters: readonly string[]): string[] {
  return letters.filter((letter) => ZONES[region]?.includes(letter) ?? true);
}

export function areOfOneSet(names: readonly string[]): boolean {
  return CONSISTENCY_SETS.some((set) => names.every((name) => set.includes(name)));
}
