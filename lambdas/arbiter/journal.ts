import { type Item, number, readNumber, readText, text } from './item';
import type { ItemTable } from './table';

/** A claim that is about to be freed or taken over, and whose it was until then. */
export interface ClaimMove {
  readonly key: string;
  readonly memberId: string;
  readonly generation: number;
}

/** Every call throws Problem UNAVAILABLE where the arbiter does not answer. */
export interface Journal {
  /** To be answered before the claim is touched. Repeatable. */
  recordMove(unit: string, atMs: number, move: ClaimMove): Promise<void>;
  /** All moves of a unit in the minute that holds this time, strongly consistent, in no particular order of time. */
  moves(unit: string, minuteMs: number): Promise<ClaimMove[]>;
}

const MINUTE_MS = 60_000;

/** Moves of one unit and minute stand together; minutes are counted since 1970. */
export function movesPartition(unit: string, atMs: number): string {
  return `moved#${unit}#${Math.floor(atMs / MINUTE_MS)}`;
}

function moveKey(unit: string, atMs: number, move: ClaimMove): Item {
  return { partition: text(movesPartition(unit, atMs)), sort: text(`${move.generation}#${move.key}`) };
}

function moveOf(item: Item): ClaimMove {
  return {
    key: readText(item, 'key'),
    memberId: readText(item, 'memberId'),
    generation: readNumber(item, 'generation'),
  };
}

export function createJournal(table: ItemTable): Journal {
  return {
    async recordMove(unit, atMs, move) {
      await table.write(moveKey(unit, atMs, move), {
        update: 'SET #key = :key, #memberId = :memberId, #generation = :generation',
        values: {
          ':key': text(move.key),
          ':memberId': text(move.memberId),
          ':generation': number(move.generation),
        },
      });
    },

    async moves(unit, minuteMs) {
      const items = await table.query({
        keys: '#partition = :partition',
        values: { ':partition': text(movesPartition(unit, minuteMs)) },
        consistent: true,
      });
      return items.map(moveOf);
    },
  };
}
