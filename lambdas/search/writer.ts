import type { MemberEvent } from '../core';
import { type BulkAnswer, type BulkItem, errorType } from './answers';
import type { DomainConnection } from './connection';
import { reasonAgainstEvent } from './event-shape';
import { bulkBody, type Operation, operationsOf, type Writing } from './operations';
import type { WriteOutcome } from './types';

/** How long the engine may wait for a shard; below the time for the whole write, so that its answer is heard. */
const SHARD_TIMEOUT = '5s';
const ANSWER_FIELDS = 'items.*.status,items.*.error.type';

const OK: WriteOutcome = { ok: true };

/** Writes events in one bulk request. @throws Problem UNAVAILABLE */
export async function writeEvents(
  connection: DomainConnection,
  writing: Writing,
  events: readonly MemberEvent[],
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  const prepared = events.map((event) => prepare(event, writing));
  const groups = prepared.flatMap((item) => ('operations' in item ? [item.operations] : []));
  const written = (await writeGroups(connection, groups, signal)).values();
  return prepared.map((item) => ('operations' in item ? (written.next().value ?? OK) : item));
}

function prepare(event: MemberEvent, writing: Writing): { operations: readonly Operation[] } | WriteOutcome {
  const reason = reasonAgainstEvent(event);
  return reason === undefined ? { operations: operationsOf(event, writing) } : { ok: false, retriable: false, reason };
}

/** One outcome for each group. A request that is refused as a whole is halved until the group is found that did it. */
async function writeGroups(
  connection: DomainConnection,
  groups: readonly (readonly Operation[])[],
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  if (groups.length === 0) return [];
  const { status, body } = await connection.send(
    {
      method: 'POST',
      path: '/_bulk',
      query: { timeout: SHARD_TIMEOUT, filter_path: `${ANSWER_FIELDS},error.type` },
      body: bulkBody(groups.flat()),
      lines: true,
    },
    signal,
  );
  if (status === 200)
    return outcomesOf(
      groups,
      (body as BulkAnswer).items.flatMap((item) => Object.values(item)),
    );
  if (groups.length === 1) return [{ ok: false, retriable: false, reason: `bulk ${status}: ${errorType(body)}` }];
  const half = Math.ceil(groups.length / 2);
  return [
    ...(await writeGroups(connection, groups.slice(0, half), signal)),
    ...(await writeGroups(connection, groups.slice(half), signal)),
  ];
}

function outcomesOf(groups: readonly (readonly Operation[])[], items: readonly BulkItem[]): WriteOutcome[] {
  let next = 0;
  return groups.map((operations) => {
    const answered = items.slice(next, next + operations.length);
    next += operations.length;
    return outcomeOf(operations, answered);
  });
}

/** An event is written when all of it is; what is refused for good outweighs what may be tried again. */
export function outcomeOf(operations: readonly Operation[], items: readonly BulkItem[]): WriteOutcome {
  const failures = operations.flatMap(({ index }, position) => {
    const item = items[position];
    if (item !== undefined && isWritten(item.status)) return [];
    const reason = `${index} ${item?.status}: ${item?.error?.type ?? 'no answer'}`;
    return [{ ok: false, retriable: item?.status !== 400, reason } as const];
  });
  return failures.find(({ retriable }) => !retriable) ?? failures[0] ?? OK;
}

/** A conflict says that this version or a higher one stands there already. */
function isWritten(status: number): boolean {
  return (status >= 200 && status < 300) || status === 409;
}
