import type { Log, MemberEvent } from '../core';
import { encodeBundle } from './bundle';
import type { DeadLetters } from './dead-letters';
import {
  type Arrived,
  type BatchResponse,
  type EventOutcome,
  type QueueBatch,
  readRecords,
  sortOutcomes,
} from './records';

/**
 * Applies a batch of messages: bundles are taken apart, each event is applied with the others, an ill one goes to the
 * dead letters alone, and only messages whose events may still succeed come back.
 */
export async function consume(
  parts: { deadLetters: DeadLetters; log: Log },
  batch: QueueBatch,
  apply: (events: readonly MemberEvent[]) => Promise<readonly EventOutcome[]>,
): Promise<BatchResponse> {
  const { arrived, ill } = readRecords(batch.Records);
  const outcomes = await applyAll(parts.log, arrived, apply);
  const sorted = sortOutcomes(arrived, outcomes);
  const comeBack = new Set(sorted.comeBack);
  const letters = [
    ...ill,
    ...sorted.ill.map(({ messageId, event, reason }) => ({
      messageId,
      body: encodeBundle([event]),
      reason,
    })),
  ];
  for (const { messageId, body, reason } of letters) {
    try {
      await parts.deadLetters.put({ body, reason });
      parts.log.error('an event went to the dead letters', { messageId, reason });
    } catch {
      comeBack.add(messageId);
    }
  }
  return { batchItemFailures: [...comeBack].map((itemIdentifier) => ({ itemIdentifier })) };
}

/** A target that does not answer fails every event of the batch, for now. */
async function applyAll(
  log: Log,
  arrived: readonly Arrived[],
  apply: (events: readonly MemberEvent[]) => Promise<readonly EventOutcome[]>,
): Promise<readonly EventOutcome[]> {
  if (arrived.length === 0) return [];
  try {
    return await apply(arrived.map(({ event }) => event));
  } catch (error) {
    log.warn('a batch comes back: its target did not take it', { events: arrived.length, error: error as Error });
    return arrived.map(() => ({ ok: false, retriable: true, reason: 'the target did not answer' }));
  }
}
