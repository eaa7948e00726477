import { type Decisions, type SwitchBook, seededRecord } from '../../../../lambdas/arbiter';
import { createDecisions } from '../../../../lambdas/arbiter/decisions';
import { type Item, text } from '../../../../lambdas/arbiter/item';
import type { ItemUpdate, ItemWrite } from '../../../../lambdas/arbiter/requests';
import { bookUpdate } from '../../../../lambdas/arbiter/switch-decisions';
import type { ItemTable, UpdateOutcome } from '../../../../lambdas/arbiter/table';
import { applied, holds } from './expressions';
import type { Network, Process } from './network';

/** A protection that a run of the model goes without. */
export type Without = 'fence' | 'lease' | 'renewal condition' | 'wait' | 'conditional write';

const BOOK_KEY: Item = { key: text('switches') };

/** The table of decisions, one item at a time, as strongly consistent as the real one. */
export class DecisionTable {
  readonly #items = new Map<string, Item>();
  readonly #without: Without | undefined;

  constructor(without: Without | undefined) {
    this.#without = without;
  }

  setSwitch(name: string, value: unknown): void {
    const book = this.get(BOOK_KEY);
    const records = JSON.parse(book?.records?.S ?? '{}') as SwitchBook['records'];
    const step = Number(book?.step?.N ?? 0);
    const change = bookUpdate({ step, records }, JSON.stringify({ ...records, [name]: seededRecord(value, step + 1) }));
    this.write(BOOK_KEY, change);
  }

  get(key: Item): Item | undefined {
    return this.#items.get(nameOf(key));
  }

  write(key: Item, change: ItemWrite): Item {
    const item = applied(this.get(key), key, change);
    this.#items.set(nameOf(key), item);
    return item;
  }

  update(key: Item, change: ItemUpdate): UpdateOutcome {
    const present = this.get(key);
    if (!this.#isUnguarded(change) && !holds(present, change.condition, change.values)) {
      return { applied: false, present };
    }
    return { applied: true, item: this.write(key, change) };
  }

  #isUnguarded({ update }: ItemUpdate): boolean {
    const isRenewal = update.includes('ADD #renewals');
    return this.#without === (isRenewal ? 'renewal condition' : 'conditional write');
  }
}

/** The room's own decisions, on this table, as a process reaches it. */
export function decisionsOf(table: DecisionTable, network: Network, from: Process): Decisions {
  const ask = <T>(effect: () => T) => network.call(from, 'arbiter', effect);
  const remote: Pick<ItemTable, 'get' | 'getMany' | 'write' | 'update'> = {
    get: (key) => ask(() => table.get(key)),
    getMany: (keys) => ask(() => keys.map((key) => table.get(key)).filter((item) => item !== undefined)),
    write: (key, change) => ask(() => table.write(key, change)),
    update: (key, change) => ask(() => table.update(key, change)),
  };
  return createDecisions(remote as ItemTable);
}

function nameOf(key: Item): string {
  return key.key?.S ?? '';
}
