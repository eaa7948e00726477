import type { Log, MemberEvent } from '../core';
import { encodeBundle } from './bundle';
import type { DeadLetters } from './dead-letters';
import {
  type Arrived,
  type BatchResponse,
  type EventOutcome,
  type IllMessage,
  type QueueBatch,
  readRecords,
  sortOutcomes,
} from './records';

interface Parts {
  readonly deadLetters: DeadLetters;
  readonly log: Log;
}

/**
 * Applies a batch of messages: bundles are taken apart, each event is applied with the others, an ill one goes to the
 * dead letters alone, and only messages whose events may still succeed come back.
 */
export async function consume(
  parts: Parts,
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
  for (const letter of letters) {
    // It would come back with its message, and be put aside each time: it is, once no other event of that keeps it.
    if (comeBack.has(letter.messageId)) continue;
    if (!(await isPutAside(parts, letter))) comeBack.add(letter.messageId);
  }
  return { batchItemFailures: [...comeBack].map((itemIdentifier) => ({ itemIdentifier })) };
}

/**
 * Acts on each message of a batch, one after another. One that cannot be read goes to the dead letters; one whose act
 * fails comes back.
 *
 * @param steps `read` throws an error that says what is wrong with a message
 */
export async function consumeEach<Message>(
  parts: Parts,
  batch: QueueBatch,
  steps: { read(body: string): Message; act(message: Message): Promise<void> },
): Promise<BatchResponse> {
  const comeBack: string[] = [];
  for (const { messageId, body } of batch.Records) {
    const isDone = await actOn(parts, { messageId, body }, steps);
    if (!isDone) comeBack.push(messageId);
  }
  return { batchItemFailures: comeBack.map((itemIdentifier) => ({ itemIdentifier })) };
}

async function actOn<Message>(
  parts: Parts,
  { messageId, body }: { messageId: string; body: string },
  { read, act }: { read(body: string): Message; act(message: Message): Promise<void> },
): Promise<boolean> {
  let message: Message;
  try {
    message = read(body);
  } catch (error) {
    return isPutAside(parts, { messageId, body, reason: (error as Error).message });
  }
  try {
    await act(message);
    return true;
  } catch (error) {
    parts.log.warn('a message comes back: it could not be acted on', { messageId, error: error as Error });
    return false;
  }
}

/** False if the dead letters did not take it: then it has to come back. */
async function isPutAside(
  { deadLetters, log }: Parts,
  { messageId, body, reason }: IllMessage & { messageId: string },
): Promise<boolean> {
  try {
    await deadLetters.put({ body, reason });
    log.error('a message went to the dead letters', { messageId, reason });
    return true;
  } catch {
    return false;
  }
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
