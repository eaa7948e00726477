import type { Item } from '../../../../lambdas/arbiter/item';
import type { ItemQuery, ItemUpdate } from '../../../../lambdas/arbiter/requests';
import type { ItemTable, UpdateOutcome } from '../../../../lambdas/arbiter/table';
import { applied, holds } from '../../failover/model/expressions';

/** Lets somebody else go on first: every call to a store takes its turn. */
export type Turn = () => Promise<unknown>;

/** A table with partitions in memory, as strongly consistent as the real one. */
export function tableInMemory(turn: Turn): ItemTable {
  const items = new Map<string, Item>();
  const nameOf = (key: Item) => `${key.partition?.S} ${key.sort?.S}`;
  const table: Pick<ItemTable, 'update' | 'query' | 'remove'> = {
    async update(key: Item, change: ItemUpdate): Promise<UpdateOutcome> {
      await turn();
      const present = items.get(nameOf(key));
      if (!holds(present, change.condition, change.values)) return { applied: false, present };
      const item = applied(present, key, change);
      items.set(nameOf(key), item);
      return { applied: true, item };
    },
    async query({ values, newestFirst, limit }: ItemQuery): Promise<Item[]> {
      await turn();
      const wanted = `${values[':partition']?.S} ${values[':member']?.S ?? ''}`;
      const found = [...items].filter(([name]) => name.startsWith(wanted)).sort(([a], [b]) => (a < b ? -1 : 1));
      const sorted = newestFirst === undefined ? found : found.reverse();
      return sorted.slice(0, limit).map(([, item]) => item);
    },
    async remove(key: Item, { condition, values }: Pick<ItemUpdate, 'condition' | 'values'>): Promise<void> {
      await turn();
      if (holds(items.get(nameOf(key)), condition, values)) items.delete(nameOf(key));
    },
  };
  return table as ItemTable;
}
