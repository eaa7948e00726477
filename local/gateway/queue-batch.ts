import type { Message } from '@aws-sdk/client-sqs';

/** One message as an event source mapping hands it to a function. */
export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, unknown>>;
  readonly md5OfBody: string;
  readonly eventSource: 'aws:sqs';
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

export interface QueueSource {
  readonly arn: string;
  readonly awsRegion: string;
}

/** The event of a batch; a message that lacks what SQS always sends is not one of SQS. */
export function queueEvent(messages: readonly Message[], source: QueueSource): { readonly Records: QueueRecord[] } {
  return {
    Records: messages.map((message) => ({
      messageId: message.MessageId ?? '',
      receiptHandle: message.ReceiptHandle ?? '',
      body: message.Body ?? '',
      attributes: message.Attributes ?? {},
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
          name,
          {
            dataType: value.DataType,
            ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
            ...(value.BinaryValue === undefined
              ? {}
              : { binaryValue: Buffer.from(value.BinaryValue).toString('base64') }),
          },
        ]),
      ),
      md5OfBody: message.MD5OfBody ?? '',
      eventSource: 'aws:sqs',
      eventSourceARN: source.arn,
      awsRegion: source.awsRegion,
    })),
  };
}

/**
 * Ids of the messages that a function reports as failed; the others may be deleted. As Lambda reads it: an answer
 * that names something else than messages of the batch failed whole, no answer at all succeeded whole.
 */
export function failedIds(messageIds: readonly string[], result: unknown): ReadonlySet<string> {
  const all = new Set(messageIds);
  if (typeof result !== 'object' || result === null || !('batchItemFailures' in result)) return new Set();
  const { batchItemFailures: failures } = result;
  if (failures === null || failures === undefined) return new Set();
  if (!Array.isArray(failures)) return all;
  const named = new Set<string>();
  for (const failure of failures as readonly unknown[]) {
    const id = typeof failure === 'object' && failure !== null && 'itemIdentifier' in failure && failure.itemIdentifier;
    if (typeof id !== 'string' || !all.has(id)) return all;
    named.add(id);
  }
  return named;
}

const SHORTEST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 5000;

/** The pause after another batch that failed whole: it doubles from 0.2 s to 5 s. */
export function nextBackoffMs(previousMs: number): number {
  return Math.min(LONGEST_BACKOFF_MS, Math.max(SHORTEST_BACKOFF_MS, previousMs * 2));
}
