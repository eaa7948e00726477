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

/** How many of the first messages fit into one batch: at least one. */
export function batchCount(messages: readonly QueueMessage[]): number {
  let bytes = 0;
  let count = 0;
  for (const message of messages.slice(0, MAX_BATCH_MESSAGES)) {
    bytes += messageBytes(message);
    if (count > 0 && bytes > MAX_BATCH_BYTES) break;
    count += 1;
  }
  return count;
}

/** Cuts messages, in their order, into parts of as many as `count` says of those that remain. */
export function inParts<T>(messages: readonly T[], count: (rest: readonly T[]) => number): T[][] {
  const parts: T[][] = [];
  let start = 0;
  while (start < messages.length) {
    const end = start + Math.max(1, count(messages.slice(start, start + 100)));
    parts.push(messages.slice(start, end));
    start = end;
  }
  return parts;
}
