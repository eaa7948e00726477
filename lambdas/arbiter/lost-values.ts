import type { Version } from '../core';
import { type Item, number, readNumber, readOptionalText, readText, text } from './item';
import type { ItemTable } from './table';

/** A value that one epoch wrote and a later one does not have: an operator decides. Values are any JSON. */
export interface LostEntry {
  readonly memberId: string;
  /** Epoch and version that had the value. */
  readonly epoch: number;
  readonly version: Version;
  /** A field of the document, or `*` where nobody knows what was written. */
  readonly field: string;
  readonly value: unknown;
  /** What the member has instead, and what the field was before both. */
  readonly kept: unknown;
  readonly base: unknown;
  readonly reason: string;
  /** Operation that wrote the version, where it is known. */
  readonly operationId: string;
  /** ISO 8601. */
  readonly listedAt: string;
  /** Who has decided about it, and when; absent while nobody has. */
  readonly handled?: Handled;
}

export interface Handled {
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Every call throws Problem UNAVAILABLE where the arbiter does not answer. */
export interface LostValues {
  /**
   * One entry for each member, epoch and field: that of the highest version. Repeatable; what somebody has handled is open
   * again only for a later version.
   */
  put(unit: string, entry: Omit<LostEntry, 'handled'>): Promise<void>;
  /**
   * Takes entries of a member off the list that a later version has settled.
   *
   * @param settled `epoch`, `operationId`: of which the entries are; of any where none is named
   */
  settle(
    unit: string,
    settled: { memberId: string; epoch?: number; operationId?: string; below: Version },
  ): Promise<void>;
  /** Says who has decided about an entry, as it was seen. False if a later version has replaced it, or it is gone. */
  handle(unit: string, seen: LostEntry, handled: Handled): Promise<boolean>;
  /**
   * What is to be decided in a unit, strongly consistent, member by member.
   *
   * @param also `handled`: with what somebody has decided about
   */
  list(unit: string, also?: 'handled'): Promise<LostEntry[]>;
}

const partitionOf = (unit: string) => text(`reconcile#${unit}`);

function keyOf(unit: string, { memberId, epoch, field }: Pick<LostEntry, 'memberId' | 'epoch' | 'field'>): Item {
  return { partition: partitionOf(unit), sort: text(`${lineOf(memberId, epoch)}${field}`) };
}

/** Versions of one epoch follow each other: entries of one line replace each other. */
function lineOf(memberId: string, epoch: number | undefined): string {
  return epoch === undefined ? `${memberId}#` : `${memberId}#${epoch}#`;
}

function entryOf(item: Item): LostEntry {
  const json = (attribute: string): unknown => JSON.parse(readText(item, attribute));
  return {
    memberId: readText(item, 'memberId'),
    epoch: readNumber(item, 'epoch'),
    version: readNumber(item, 'version'),
    field: readText(item, 'field'),
    value: json('value'),
    kept: json('kept'),
    base: json('base'),
    reason: readText(item, 'reason'),
    operationId: readText(item, 'operationId'),
    listedAt: readText(item, 'listedAt'),
    ...handledIn(item),
  };
}

function handledIn(item: Item): Pick<LostEntry, 'handled'> {
  const by = readOptionalText(item, 'handledBy');
  return by === undefined ? {} : { handled: { by, at: readText(item, 'handledAt') } };
}

export function createLostValues(table: ItemTable): LostValues {
  return {
    async put(unit, entry) {
      const json = (value: unknown) => text(JSON.stringify(value ?? null));
      await table.update(keyOf(unit, entry), {
        update:
          'SET #memberId = :memberId, #epoch = :epoch, #version = :version, #field = :field, #value = :value, ' +
          '#kept = :kept, #base = :base, #reason = :reason, #operationId = :operationId, #listedAt = :listedAt ' +
          'REMOVE #settledBy, #handledBy, #handledAt',
        condition:
          'attribute_not_exists(#version) OR #version < :version OR ' +
          '(#version = :version AND attribute_not_exists(#handledBy))',
        values: {
          ':memberId': text(entry.memberId),
          ':epoch': number(entry.epoch),
          ':version': number(entry.version),
          ':field': text(entry.field),
          ':value': json(entry.value),
          ':kept': json(entry.kept),
          ':base': json(entry.base),
          ':reason': text(entry.reason),
          ':operationId': text(entry.operationId),
          ':listedAt': text(entry.listedAt),
        },
      });
    },

    async settle(unit, { memberId, epoch, operationId, below }) {
      const ofOperation = operationId === undefined ? '' : ' AND #operationId = :operationId';
      const items = await table.query({
        keys: '#partition = :partition AND begins_with(#sort, :line)',
        filter: `#version < :below AND attribute_not_exists(#settledBy)${ofOperation}`,
        values: {
          ':partition': partitionOf(unit),
          ':line': text(lineOf(memberId, epoch)),
          ':below': number(below),
          ...(operationId === undefined ? {} : { ':operationId': text(operationId) }),
        },
        consistent: true,
      });
      for (const entry of items.map(entryOf)) {
        await table.update(keyOf(unit, entry), {
          update: 'SET #settledBy = :below',
          condition: '#version < :below',
          values: { ':below': number(below) },
        });
      }
    },

    async handle(unit, seen, { by, at }) {
      const outcome = await table.update(keyOf(unit, seen), {
        update: 'SET #handledBy = :by, #handledAt = :at',
        condition: '#version = :version AND attribute_not_exists(#settledBy)',
        values: { ':by': text(by), ':at': text(at), ':version': number(seen.version) },
      });
      return outcome.applied;
    },

    async list(unit, also) {
      const items = await table.query({
        keys: '#partition = :partition',
        filter: `attribute_not_exists(#settledBy)${also === undefined ? ' AND attribute_not_exists(#handledBy)' : ''}`,
        values: { ':partition': partitionOf(unit) },
        consistent: true,
      });
      return items.map(entryOf);
    },
  };
}
