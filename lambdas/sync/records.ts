import type { MemberEvent } from '../core';
import { decodeBundle, encodeBundle, illnessOf } from './bundle';

/** One message as the event source mapping hands it over. */
export interface QueueRecord {
  readonly messageId: string;
  readonly body: string;
}

export interface QueueBatch {
  readonly Records: readonly QueueRecord[];
}

/** Messages named here come back; the rest are deleted. */
export interface BatchResponse {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/** An event and the message that brought it. */
export interface Arrived {
  readonly messageId: string;
  readonly event: MemberEvent;
}

/** What can never be processed, and why. */
export interface IllMessage {
  readonly body: string;
  readonly reason: string;
}

/** Takes bundles apart. A message that is no bundle is ill as a whole; of a bundle only what is no event. */
export function readRecords(records: readonly QueueRecord[]): {
  arrived: Arrived[];
  ill: (IllMessage & { messageId: string })[];
} {
  const arrived: Arrived[] = [];
  const ill: (IllMessage & { messageId: string })[] = [];
  for (const { messageId, body } of records) {
    try {
      for (const event of decodeBundle(body)) {
        const reason = illnessOf(event);
        if (reason === undefined) arrived.push({ messageId, event: event as MemberEvent });
        else ill.push({ messageId, body: encodeBundle([event]), reason });
      }
    } catch (error) {
      ill.push({ messageId, body, reason: (error as Error).message });
    }
  }
  return { arrived, ill };
}

/** What became of one event at a target. */
export type EventOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly retriable: boolean; readonly reason: string };

/** Sorts events by what became of them: a message comes back if any of its events may still succeed. */
export function sortOutcomes(arrived: readonly Arrived[], outcomes: readonly EventOutcome[]) {
  const comeBack = new Set<string>();
  const ill: (Arrived & { reason: string })[] = [];
  arrived.forEach((item, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined || (!outcome.ok && outcome.retriable)) comeBack.add(item.messageId);
    else if (!outcome.ok) ill.push({ ...item, reason: outcome.reason });
  });
  return { comeBack, ill };
}
