/** A protection that is taken away on purpose, and the test that must notice. */
export interface PlantedBug {
  /** Short and unique, in kebab case: what goes wrong. */
  readonly name: string;
  /** Races of docs/races.md that the protection is there for; empty for a protection of another kind. */
  readonly races: readonly number[];
  /** The file of the product that is changed, from the root. */
  readonly file: string;
  /** Text that stands exactly once in the file, and what stands there instead. */
  readonly from: string;
  readonly to: string;
  /** The test file, and a part of the full name of the test, that fails with the bug and passes without. */
  readonly caughtBy: { readonly file: string; readonly test: string };
}

/** A bug in a protection that is there for no race. */
export function bug(
  name: string,
  file: string,
  [from, to]: readonly [from: string, to: string],
  caughtBy: PlantedBug['caughtBy'],
): PlantedBug {
  return { name, races: [], file, from, to, caughtBy };
}
