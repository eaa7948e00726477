import type { MemberRow } from '../../../lambdas/core';
import { UNITS } from '../../../topology';
import { readMemberRows } from './stores';

/** The row of each member that has the highest version, of all database servers. */
export async function readNewestRows(): Promise<Map<string, MemberRow>> {
  const newest = new Map<string, MemberRow>();
  for (const cluster of UNITS.flatMap((unit) => unit.clusters)) {
    for (const region of ['A', 'B'] as const) {
      for (const [member, row] of await readMemberRows(cluster, region)) {
        const known = newest.get(member)?.document.version ?? 0;
        if (row.document.version > known) newest.set(member, row);
      }
    }
  }
  return newest;
}
