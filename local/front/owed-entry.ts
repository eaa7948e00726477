import { MAX_BATCH_BYTES, messageBytes } from './batches';
import type { QueueMessage } from './queue-client';

/** One message of the owed queue: messages that are owed together, so that the debt costs little to note. */
export interface OwedEntry {
  readonly messages: readonly QueueMessage[];
  /** Queues that still lack them; undefined while none was tried. */
  readonly queues?: readonly string[];
  /** How often they were tried. */
  readonly attempts: number;
}

const MARK = 'twinkeep-owed';
const MARK_ATTRIBUTE = { DataType: 'String', StringValue: 'entry' } as const;
const MOST_MESSAGES = 50;
/** Leaves room for what an entry says beside its messages. */
const MOST_BYTES = MAX_BATCH_BYTES - 4096;

/** How many of the first messages go into one entry: at least one. */
export function entryCount(messages: readonly QueueMessage[]): number {
  let bytes = 0;
  let count = 0;
  for (const message of messages.slice(0, MOST_MESSAGES)) {
    bytes += Buffer.byteLength(JSON.stringify(message));
    if (count > 0 && bytes > MOST_BYTES) break;
    count += 1;
  }
  return count;
}

/**
 * What stands in the owed queue for an entry. A single message that is too large to be wrapped stands there as it is,
 * and is owed to every queue: some may get it twice.
 */
export function encodeEntry(entry: OwedEntry): QueueMessage {
  const wrapped = { body: JSON.stringify(entry), attributes: { [MARK]: MARK_ATTRIBUTE } };
  const [only] = entry.messages;
  const isTooLarge = entry.messages.length === 1 && messageBytes(wrapped) > MAX_BATCH_BYTES;
  return only !== undefined && isTooLarge ? { body: only.body, attributes: only.attributes } : wrapped;
}

export function decodeEntry(message: QueueMessage): OwedEntry {
  if (message.attributes[MARK] !== undefined) return JSON.parse(message.body) as OwedEntry;
  return { messages: [{ body: message.body, attributes: message.attributes }], attempts: 0 };
}
