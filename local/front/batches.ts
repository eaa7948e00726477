import type { MessageAttribute, QueueMessage } from './queue-client';

/** Bounds of SQS and SNS for one message and for one batch alike. */
export const MAX_BATCH_BYTES = 256 * 1024;
export const MAX_BATCH_MESSAGES = 10;

function attributeBytes([name, { DataType, StringValue = '', BinaryValue = '' }]: [string, MessageAttribute]): number {
  const value = Buffer.byteLength(StringValue) + Math.floor((BinaryValue.length * 3) / 4);
  return Buffer.byteLength(name) + Buffer.byteLength(DataType) + value;
}

/** What a message counts against the bounds. */
export function messageBytes(message: QueueMessage): number {
  return Object.entries(message.attributes).reduce(
    (sum, attribute) => sum + attributeBytes(attribute),
    Buffer.byteLength(message.body),
  );
}

/** How many of the first items fit into one batch: at least one. */
export function fittingCount(bytesOfItems: readonly number[]): number {
  let bytes = 0;
  let count = 0;
  for (const next of bytesOfItems.slice(0, MAX_BATCH_MESSAGES)) {
    bytes += next;
    if (count > 0 && bytes > MAX_BATCH_BYTES) break;
    count += 1;
  }
  return count;
}

/** Cuts messages into batches, in their order. */
export function inBatches<T extends QueueMessage>(messages: readonly T[]): T[][] {
  const batches: T[][] = [];
  let rest = [...messages];
  while (rest.length > 0) {
    const count = fittingCount(rest.map(messageBytes));
    batches.push(rest.slice(0, count));
    rest = rest.slice(count);
  }
  return batches;
}
