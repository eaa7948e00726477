import type { DomainName } from '../../../topology';
import type { Arbiter } from '../../arbiter';
import type { Domain } from '../../search';
import type { UnitState } from '../../switches';
import type { ReconcileParts } from '../reconcile';
import type { ProgressLog } from './progress';

export interface ReplayParts extends Omit<ReconcileParts, 'arbiter'> {
  readonly arbiter: Pick<Arbiter, 'claims' | 'journal' | 'lost' | 'audit' | 'replays'>;
  readonly domains: Readonly<Record<DomainName, Domain>>;
}

/** One run of the replay of a unit's epoch. */
export interface Run {
  readonly unitName: string;
  readonly unit: UnitState;
  readonly progress: ProgressLog;
}

/** So many members are worked on side by side. */
const AT_ONCE = 8;

export async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  atOnce = AT_ONCE,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [index, item] of waiting) results[index] = await work(item);
    }),
  );
  return results;
}
