import type { QueueMessage, ReceivedMessage } from './queue-client';

/** What a message that was put back says of itself: the queues that still lack it, and how often it was tried. */
export interface OwedMark {
  readonly queues: readonly string[];
  readonly attempts: number;
}

/** A message as it is delivered, with the received one that it stands for. */
export interface Deliverable extends QueueMessage {
  readonly original: ReceivedMessage;
}

const ATTRIBUTE = 'twinkeep-owed';

export function marked(message: QueueMessage, mark: OwedMark): QueueMessage {
  const text = `${mark.attempts} ${mark.queues.join(',')}`;
  return {
    body: message.body,
    attributes: { ...message.attributes, [ATTRIBUTE]: { DataType: 'String', StringValue: text } },
  };
}

/** Undefined on a message that is owed to every queue. */
export function markOf(message: QueueMessage): OwedMark | undefined {
  const [attempts, queues] = message.attributes[ATTRIBUTE]?.StringValue?.split(' ') ?? [];
  return attempts === undefined || queues === undefined
    ? undefined
    : { attempts: Number(attempts), queues: queues.split(',') };
}

export function withoutMark(message: ReceivedMessage): Deliverable {
  const { [ATTRIBUTE]: _mark, ...attributes } = message.attributes;
  return { body: message.body, attributes, original: message };
}
