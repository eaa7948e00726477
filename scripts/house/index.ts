import type { Check, HouseFile, Violation } from './file';
import { clients, imports } from './imports';
import { injected } from './injected';
import { links } from './links';
import { names } from './names';
import { entrances, size } from './shape';

export { type Check, describe, type HouseFile, type Violation } from './file';

export const CHECKS = { imports, clients, injected, names, size, entrances, links } as const satisfies Record<
  string,
  Check
>;

/** Everything that breaks a rule of the house. */
export function checkHouse(files: readonly HouseFile[]): Violation[] {
  return Object.values(CHECKS).flatMap((check) => check(files));
}
