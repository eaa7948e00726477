import type { ClaimReference, MemberDocument, Version } from '../core';
import { type Item, readText, text } from './item';
import type { ItemTable } from './table';

/** A command that was accepted while the database of its member could not be reached. It stands for the transaction. */
export interface JournaledCommand {
  readonly memberId: string;
  /** Epoch of the fallback, and the command's place among those of its member. */
  readonly version: Version;
  /** The key of the transaction that it stands for: the claims that the command took name it. */
  readonly operationId: string;
  /** What was asked, in the words of the room that replays it: any JSON. */
  readonly command: unknown;
  /** What the member became by it, as far as could be seen. */
  readonly document: MemberDocument;
  /** What it was applied to, where that was no journaled command: the copy of a search domain. */
  readonly base?: MemberDocument;
  /** Whether the caller named the version that it was to be applied to. */
  readonly isConditional: boolean;
  readonly claims: readonly ClaimReference[];
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** Every read is strongly consistent; every call throws Problem UNAVAILABLE where the arbiter does not answer. */
export interface Commands {
  /** False if another command has this place. Repeatable by its operation. */
  put(unit: string, command: JournaledCommand): Promise<boolean>;
  /** The last command of a member that has not been replayed yet. */
  last(unit: string, memberId: string): Promise<JournaledCommand | undefined>;
  /** Those of a member that have not been replayed yet, in their order. */
  ofMember(unit: string, memberId: string): Promise<JournaledCommand[]>;
  /** Those of one slice of a unit's members, member by member, in their order. */
  ofSlice(unit: string, slice: number): Promise<JournaledCommand[]>;
  /** Forgets commands that have been replayed, and no other that stands in their place by now. Repeatable. */
  remove(unit: string, commands: readonly JournaledCommand[]): Promise<void>;
}

/**
 * Partitions of one unit: few enough to be asked one by one for what is left, and enough for more writes than a unit's
 * database takes.
 */
export const COMMAND_SLICES = 16;
const VERSION_DIGITS = 16;

/** The last digits of an id are drawn by chance. */
export function sliceOf(memberId: string): number {
  return Number(BigInt(memberId) % BigInt(COMMAND_SLICES));
}

const partitionOf = (unit: string, slice: number) => text(`fallback#${unit}#${slice}`);

function keyOf(unit: string, { memberId, version }: Pick<JournaledCommand, 'memberId' | 'version'>): Item {
  const sort = text(`${memberId}#${String(version).padStart(VERSION_DIGITS, '0')}`);
  return { partition: partitionOf(unit, sliceOf(memberId)), sort };
}

function commandOf(item: Item): JournaledCommand {
  return JSON.parse(readText(item, 'command')) as JournaledCommand;
}

export function createCommands(table: ItemTable): Commands {
  async function ofMember(unit: string, memberId: string, newest?: { limit: number; newestFirst: true }) {
    const items = await table.query({
      keys: '#partition = :partition AND begins_with(#sort, :member)',
      values: { ':partition': partitionOf(unit, sliceOf(memberId)), ':member': text(`${memberId}#`) },
      consistent: true,
      ...newest,
    });
    return items.map(commandOf);
  }

  return {
    async put(unit, command) {
      const outcome = await table.update(keyOf(unit, command), {
        update: 'SET #command = :command, #operationId = :operationId',
        condition: 'attribute_not_exists(#sort)',
        values: { ':command': text(JSON.stringify(command)), ':operationId': text(command.operationId) },
      });
      if (outcome.applied) return true;
      // The answer of an attempt that applied may have been lost.
      return outcome.present !== undefined && readText(outcome.present, 'operationId') === command.operationId;
    },

    async last(unit, memberId) {
      return (await ofMember(unit, memberId, { limit: 1, newestFirst: true }))[0];
    },

    ofMember: (unit, memberId) => ofMember(unit, memberId),

    async ofSlice(unit, slice) {
      const items = await table.query({
        keys: '#partition = :partition',
        values: { ':partition': partitionOf(unit, slice) },
        consistent: true,
      });
      return items.map(commandOf);
    },

    async remove(unit, commands) {
      for (const command of commands) {
        const values = { ':operationId': text(command.operationId) };
        await table.remove(keyOf(unit, command), { condition: '#operationId = :operationId', values });
      }
    },
  };
}
