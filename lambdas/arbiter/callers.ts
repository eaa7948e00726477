import { TRAFFIC_CLASSES, type TrafficClass } from '../../topology';
import { type Item, readOneOf, readText, readTexts, text, texts } from './item';
import type { ItemTable } from './table';

const STATUSES = ['active', 'suspended'] as const;

/** A service that may call us. Its keys are kept as hashes only; several at once let it change them without a gap. */
export interface Caller {
  readonly id: string;
  readonly owner: string;
  readonly classes: readonly TrafficClass[];
  readonly keyHashes: readonly string[];
  readonly status: (typeof STATUSES)[number];
}

/** Every call throws Problem UNAVAILABLE where the arbiter does not answer. */
export interface Callers {
  /** A read in the own region, which may be a moment behind. */
  find(id: string): Promise<Caller | undefined>;
  /** Replaces the whole entry. */
  put(caller: Caller): Promise<void>;
  /** All callers, strongly consistent. */
  list(): Promise<Caller[]>;
}

const callerKey = (id: string): Item => ({ id: text(id) });

function callerOf(item: Item): Caller {
  const classes = readTexts(item, 'classes');
  return {
    id: readText(item, 'id'),
    owner: readText(item, 'owner'),
    classes: TRAFFIC_CLASSES.filter((name) => classes.includes(name)),
    keyHashes: readTexts(item, 'keyHashes'),
    status: readOneOf(item, 'status', STATUSES),
  };
}

export function createCallers(table: ItemTable): Callers {
  return {
    async find(id) {
      const item = await table.get(callerKey(id), false);
      return item === undefined ? undefined : callerOf(item);
    },

    async put(caller) {
      await table.write(callerKey(caller.id), {
        update: 'SET #owner = :owner, #classes = :classes, #keyHashes = :keyHashes, #status = :status',
        values: {
          ':owner': text(caller.owner),
          ':classes': texts(caller.classes),
          ':keyHashes': texts(caller.keyHashes),
          ':status': text(caller.status),
        },
      });
    },

    async list() {
      return (await table.scan()).map(callerOf);
    },
  };
}
