import { type Item, readText, text } from './item';
import type { ItemTable } from './table';

/** An operation that was under way when its unit was lost. */
export interface InFlight {
  readonly memberId: string;
  readonly operationId: string;
}

/** What a replay has to remember to go on after it was killed. Every call throws Problem UNAVAILABLE. */
export interface Replays {
  /** How far the replay of a unit's epoch has come, as it was saved last. */
  load(unit: string, epoch: number): Promise<unknown>;
  save(unit: string, epoch: number, progress: unknown): Promise<void>;
  /** All that were saved of a unit, strongly consistent. */
  list(unit: string): Promise<unknown[]>;
  /** Epochs of a unit that had a replay, strongly consistent. */
  epochs(unit: string): Promise<number[]>;
  /** How far what was kept aside of a returned writer has been read; `id` as RDS calls it. */
  loadKept(id: string): Promise<unknown>;
  saveKept(id: string, progress: unknown): Promise<void>;
  /** Keeps what a cache says was under way: the cache may be lost before the replay has ended. Repeatable. */
  keepInFlight(unit: string, epoch: number, operations: readonly InFlight[]): Promise<void>;
  inFlight(unit: string, epoch: number): Promise<InFlight[]>;
  /** Operations of one member that the unit's newest replays were told of. */
  inFlightOf(unit: string, memberId: string): Promise<string[]>;
}

/**
 * A unit moves on while it is being replayed, and what was told of under one epoch counts under the next ones. More replays
 * than this do not follow each other while a unit is never open for a minute.
 */
const MOST_EPOCHS = 8;

/** The newest of them, as many as may have to do with each other. */
export function newestEpochs(epochs: readonly number[]): number[] {
  return [...epochs].sort((one, other) => other - one).slice(0, MOST_EPOCHS);
}

function inFlightPartition(unit: string, epoch: number): string {
  return `inflight#${unit}#${epoch}`;
}

function progressIn(item: Item): unknown {
  return JSON.parse(readText(item, 'progress')) as unknown;
}

export function createReplays(table: ItemTable): Replays {
  const progressKey = (unit: string, epoch: number): Item => ({
    partition: text(`replay#${unit}`),
    sort: text(String(epoch)),
  });
  const keptKey = (id: string): Item => ({ partition: text(`kept#${id}`), sort: text('progress') });

  async function load(key: Item): Promise<unknown> {
    const item = await table.get(key, true);
    return item === undefined ? undefined : progressIn(item);
  }

  async function save(key: Item, progress: unknown): Promise<void> {
    await table.write(key, {
      update: 'SET #progress = :progress',
      values: { ':progress': text(JSON.stringify(progress)) },
    });
  }

  const itemsOf = (unit: string) =>
    table.query({
      keys: '#partition = :partition',
      values: { ':partition': text(`replay#${unit}`) },
      consistent: true,
    });

  const epochs = async (unit: string) => (await itemsOf(unit)).map((item) => Number(readText(item, 'sort')));

  return {
    load: (unit, epoch) => load(progressKey(unit, epoch)),
    save: (unit, epoch, progress) => save(progressKey(unit, epoch), progress),

    list: async (unit) => (await itemsOf(unit)).map(progressIn),
    epochs,

    loadKept: (id) => load(keptKey(id)),
    saveKept: (id, progress) => save(keptKey(id), progress),

    async keepInFlight(unit, epoch, operations) {
      const partition = text(inFlightPartition(unit, epoch));
      await Promise.all(
        operations.map(({ memberId, operationId }) =>
          table.write(
            { partition, sort: text(`${memberId}#${operationId}`) },
            {
              update: 'SET #memberId = :memberId, #operationId = :operationId',
              values: { ':memberId': text(memberId), ':operationId': text(operationId) },
            },
          ),
        ),
      );
    },

    async inFlight(unit, epoch) {
      const items = await table.query({
        keys: '#partition = :partition',
        values: { ':partition': text(inFlightPartition(unit, epoch)) },
        consistent: true,
      });
      return items.map((item) => ({
        memberId: readText(item, 'memberId'),
        operationId: readText(item, 'operationId'),
      }));
    },

    async inFlightOf(unit, memberId) {
      const told = newestEpochs(await epochs(unit)).map((epoch) =>
        table.query({
          keys: '#partition = :partition AND begins_with(#sort, :member)',
          values: { ':partition': text(inFlightPartition(unit, epoch)), ':member': text(`${memberId}#`) },
          consistent: true,
        }),
      );
      const found = (await Promise.all(told)).flat();
      return [...new Set(found.map((item) => readText(item, 'operationId')))];
    },
  };
}
