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
  /** Keeps what a cache says was under way: the cache may be lost before the replay has ended. Repeatable. */
  keepInFlight(unit: string, epoch: number, operations: readonly InFlight[]): Promise<void>;
  inFlight(unit: string, epoch: number): Promise<InFlight[]>;
}

function inFlightPartition(unit: string, epoch: number): string {
  return `inflight#${unit}#${epoch}`;
}

export function createReplays(table: ItemTable): Replays {
  const progressKey = (unit: string, epoch: number): Item => ({
    partition: text(`replay#${unit}`),
    sort: text(String(epoch)),
  });
  return {
    async load(unit, epoch) {
      const item = await table.get(progressKey(unit, epoch), true);
      return item === undefined ? undefined : (JSON.parse(readText(item, 'progress')) as unknown);
    },

    async save(unit, epoch, progress) {
      await table.write(progressKey(unit, epoch), {
        update: 'SET #progress = :progress',
        values: { ':progress': text(JSON.stringify(progress)) },
      });
    },

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
  };
}
