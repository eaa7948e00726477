import { UNITS } from '../../../topology';
import { readRows } from './stores';

/** The highest version that a database server of its cluster has of each member. */
export async function readRowVersions(): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  for (const cluster of UNITS.flatMap((unit) => unit.clusters)) {
    for (const region of ['A', 'B'] as const) {
      for (const [member, { version }] of await readRows(cluster, region)) {
        versions.set(member, Math.max(version, versions.get(member) ?? 0));
      }
    }
  }
  return versions;
}
