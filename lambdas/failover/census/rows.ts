import type { Region } from '../../../topology';
import type { MemberRow } from '../../core';
import { rangeOf } from '../../shards';
import type { Pace } from '../comparison/pace';
import type { CensusParts } from './census';

/** Rows of these members as their writers have them, by id. */
export async function rowsAtWriters(
  { recovery, writers }: Pick<CensusParts, 'recovery' | 'writers'>,
  memberIds: readonly string[],
  pace?: Pace,
): Promise<Map<string, MemberRow>> {
  const writerOf = await writers();
  const byWriter = new Map<Region, Set<string>>();
  for (const memberId of memberIds) {
    const writer = writerOf(rangeOf(memberId).unit);
    byWriter.set(writer, (byWriter.get(writer) ?? new Set()).add(memberId));
  }
  const rows = new Map<string, MemberRow>();
  for (const [writer, ids] of byWriter) {
    const read = () => recovery.rows([...ids], writer);
    for (const [memberId, row] of await (pace === undefined ? read() : pace.take(read))) rows.set(memberId, row);
  }
  return rows;
}
