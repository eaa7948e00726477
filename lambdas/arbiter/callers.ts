import { TRAFFIC_CLASSES, type TrafficClass } from '../../topology';
import type { FlowRule } from '../core';
import { type Item, number, readNumber, readOneOf, readText, readTexts, text, texts } from './item';
import type { ItemUpdate } from './requests';
import type { ItemTable } from './table';

/** `cache-only`: it is under suspicion, and is answered what the cache holds, and nothing else. */
const STATUSES = ['active', 'cache-only', 'suspended'] as const;

/** A key of a caller, kept as the hash of its secret only. Times are milliseconds since 1970. */
export interface CallerKey {
  readonly hash: string;
  readonly createdAtMs: number;
  /** From then on it lets nobody in; absent: it does until it is retired. */
  readonly expiresAtMs?: number;
}

/** What made a record what it is. */
export interface CallerChange {
  readonly atMs: number;
  /** An operator's name, or the part of the system that did it. */
  readonly by: string;
  /** As the audit tells it, after the name: `suspended caller shop`. */
  readonly action: string;
  readonly reason?: string;
}

/** A service that may call us. */
export interface Caller {
  readonly id: string;
  readonly owner: string;
  readonly classes: readonly TrafficClass[];
  /** Its own flow rules, as whoever entered them has checked them. */
  readonly rules: readonly FlowRule[];
  /** The oldest first. Two at once let it change them without a gap. */
  readonly keys: readonly CallerKey[];
  readonly status: (typeof STATUSES)[number];
  /** Rises by one with every change, so that of two who change a caller at once one learns of the other. */
  readonly revision: number;
  readonly createdAtMs: number;
  readonly changed: CallerChange;
}

/** Every call throws Problem UNAVAILABLE where the arbiter does not answer. */
export interface Callers {
  /** @param consistency `near` reads in the own region, which may be a moment behind */
  find(id: string, consistency?: 'near' | 'strong'): Promise<Caller | undefined>;
  /**
   * Replaces the whole record, on condition that the one that stands has the revision before; revision 1 is a new caller's.
   * False if another one stands.
   */
  put(caller: Caller): Promise<boolean>;
  /** All callers, strongly consistent. */
  list(): Promise<Caller[]>;
}

const callerKey = (id: string): Item => ({ id: text(id) });

/** What a record of 0.1.0 lacks. */
const OF_OLD = {
  revision: 0,
  rules: [],
  createdAtMs: 0,
  changed: { atMs: 0, by: 'the deployment', action: 'entered it' },
};

function callerOf(item: Item): Caller {
  const classes = readTexts(item, 'classes');
  const always = {
    id: readText(item, 'id'),
    owner: readText(item, 'owner'),
    classes: TRAFFIC_CLASSES.filter((name) => classes.includes(name)),
    status: readOneOf(item, 'status', STATUSES),
  };
  if (item.revision === undefined) {
    const keys = readTexts(item, 'keyHashes').map((hash) => ({ hash, createdAtMs: 0 }));
    return { ...always, ...OF_OLD, keys };
  }
  return {
    ...always,
    rules: JSON.parse(readText(item, 'rules')) as FlowRule[],
    keys: JSON.parse(readText(item, 'keys')) as CallerKey[],
    revision: readNumber(item, 'revision'),
    createdAtMs: readNumber(item, 'createdAtMs'),
    changed: JSON.parse(readText(item, 'changed')) as CallerChange,
  };
}

function changeOf(caller: Caller): ItemUpdate {
  const values = {
    owner: text(caller.owner),
    classes: texts(caller.classes),
    rules: text(JSON.stringify(caller.rules)),
    keys: text(JSON.stringify(caller.keys)),
    status: text(caller.status),
    revision: number(caller.revision),
    createdAtMs: number(caller.createdAtMs),
    changed: text(JSON.stringify(caller.changed)),
  };
  const before = caller.revision - 1;
  return {
    update: `SET ${Object.keys(values)
      .map((name) => `#${name} = :${name}`)
      .join(', ')}`,
    condition: before === 0 ? 'attribute_not_exists(#revision)' : '#revision = :before',
    values: {
      ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
      ...(before === 0 ? {} : { ':before': number(before) }),
    },
  };
}

export function createCallers(table: ItemTable): Callers {
  return {
    async find(id, consistency = 'near') {
      const item = await table.get(callerKey(id), consistency === 'strong');
      return item === undefined ? undefined : callerOf(item);
    },

    async put(caller) {
      const change = changeOf(caller);
      const outcome = await table.update(callerKey(caller.id), change);
      if (outcome.applied) return true;
      // An earlier attempt may have gone through, and only its answer was lost.
      const { present } = outcome;
      return OWN.every((name) => JSON.stringify(present?.[name]) === JSON.stringify(change.values[`:${name}`]));
    },

    async list() {
      return (await table.scan()).map(callerOf);
    },
  };
}

/** Together they tell one change from any other. */
const OWN = ['revision', 'keys', 'changed'];
