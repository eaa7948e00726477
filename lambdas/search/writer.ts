import { type MemberDocument, type MemberEvent, unavailable, type Version } from '../core';
import { type BulkAnswer, type BulkItem, errorType } from './answers';
import type { DomainConnection } from './connection';
import { reasonAgainstEvent } from './event-shape';
import { bulkBody, lookupSource, type Operation, operationsOf, type VersionType, type Writing } from './operations';
import type { RestoreOutcome, WriteOutcome } from './types';

/** How long the engine may wait for a shard; below the time for the whole write, so that its answer is heard. */
const SHARD_TIMEOUT = '5s';
const ANSWER_FIELDS = 'items.*.status,items.*.error.type';

const OK: WriteOutcome = { ok: true };

type Group = readonly Operation[];

/** Writes events in one bulk request. @throws Problem UNAVAILABLE */
export async function writeEvents(
  connection: DomainConnection,
  writing: Writing,
  events: readonly MemberEvent[],
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  const prepared = events.map((event) => prepare(event, writing));
  const groups = prepared.flatMap((item) => ('operations' in item ? [item.operations] : []));
  const answered = await writeGroups(connection, groups, 'external', signal);
  const written = answered.map((items, index) => outcomeOf(groups[index] ?? [], items)).values();
  return prepared.map((item) => ('operations' in item ? (written.next().value ?? OK) : item));
}

function prepare(event: MemberEvent, writing: Writing): { operations: Group } | WriteOutcome {
  const reason = reasonAgainstEvent(event);
  return reason === undefined ? { operations: operationsOf(event, writing) } : { ok: false, retriable: false, reason };
}

/** A look-up as it stands in a domain. */
export interface LiveLookup {
  readonly id: string;
  readonly routing: string;
  readonly kind: string;
  readonly value: string;
  readonly memberId: string;
}

/**
 * Writes members as their rows are, in one bulk request. Of the look-ups that a domain has of them, those that the
 * rows do not have are taken back by their ids: in a masked domain the keys behind them are not known.
 *
 * @param rows `live`: what the domain has of each member, by id
 * @throws Problem UNAVAILABLE
 */
export async function restoreMembers(
  connection: DomainConnection,
  writing: Writing,
  rows: { documents: readonly MemberDocument[]; live: ReadonlyMap<string, readonly LiveLookup[]> },
  signal: AbortSignal,
): Promise<readonly RestoreOutcome[]> {
  const groups = rows.documents.map((document) => {
    const operations = operationsOf(eventOfRow(document), writing);
    const present = new Set(operations.map(({ id }) => id));
    const gone = (rows.live.get(document.memberId) ?? []).filter(({ id }) => !present.has(id));
    return [...operations, ...gone.map((lookup) => takenBack(lookup, document, writing))];
  });
  const answered = await writeGroups(connection, groups, 'external_gte', signal);
  return answered.map((items, index) => restoreOutcomeOf(groups[index] ?? [], items));
}

/** Takes members and their look-ups out; what has a higher version by now stays. @throws Problem UNAVAILABLE */
export async function removeMembers(
  connection: DomainConnection,
  { indices }: Writing,
  gone: {
    members: readonly { memberId: string; version: Version }[];
    live: ReadonlyMap<string, readonly LiveLookup[]>;
  },
  signal: AbortSignal,
): Promise<void> {
  const lines = gone.members.flatMap(({ memberId, version }) => [
    deletion({ _index: indices.members, _id: memberId }, version),
    ...(gone.live.get(memberId) ?? []).map(({ id, routing }) =>
      deletion({ _index: indices.lookups, _id: id, routing }, version),
    ),
  ]);
  const { status, body } = await connection.send(
    { method: 'POST', path: '/_bulk', query: { timeout: SHARD_TIMEOUT }, body: lines.join(''), lines: true },
    signal,
  );
  const answered = status === 200 ? (body as BulkAnswer).items.flatMap((item) => Object.values(item)) : [];
  const isDone =
    answered.length === lines.length && answered.every((item) => item.status === 404 || isWritten(item.status));
  if (!isDone) throw unavailable(`members could not be taken out (${status})`);
}

function deletion(at: { _index: string; _id: string; routing?: string }, version: Version): string {
  return `${JSON.stringify({ delete: { ...at, version, version_type: 'external_gte' } })}\n`;
}

/** The event that would bring a row as it is; what the member lost before is not in it. */
export function eventOfRow(document: MemberDocument): MemberEvent {
  const { memberId, version } = document;
  const nothing = { changed: [], removedKeys: [], heldClaims: [], freedClaims: [] };
  return { memberId, version, document, unit: '', operationId: '', ...nothing };
}

function takenBack({ id, routing, ...name }: LiveLookup, document: MemberDocument, { indices }: Writing): Operation {
  const source = lookupSource(name, document.memberId, true);
  return { index: indices.lookups, id, routing, version: document.version, source };
}

/**
 * The engine's answers, a list for each group. A request that is refused as a whole is halved until the group is found
 * that did it.
 */
async function writeGroups(
  connection: DomainConnection,
  groups: readonly Group[],
  versionType: VersionType,
  signal: AbortSignal,
): Promise<readonly (readonly BulkItem[])[]> {
  if (groups.length === 0) return [];
  const { status, body } = await connection.send(
    {
      method: 'POST',
      path: '/_bulk',
      query: { timeout: SHARD_TIMEOUT, filter_path: `${ANSWER_FIELDS},error.type` },
      body: bulkBody(groups.flat(), versionType),
      lines: true,
    },
    signal,
  );
  if (status === 200) return itemsByGroup(groups, body as BulkAnswer);
  if (groups.length === 1) return [[{ status: 400, error: { type: `bulk ${status}: ${errorType(body)}` } }]];
  const half = Math.ceil(groups.length / 2);
  return [
    ...(await writeGroups(connection, groups.slice(0, half), versionType, signal)),
    ...(await writeGroups(connection, groups.slice(half), versionType, signal)),
  ];
}

function itemsByGroup(groups: readonly Group[], { items }: BulkAnswer): BulkItem[][] {
  const flat = items.flatMap((item) => Object.values(item));
  let next = 0;
  return groups.map(({ length }) => {
    const answered = flat.slice(next, next + length);
    next += length;
    return answered;
  });
}

/** An event is written when all of it is; what is refused for good outweighs what may be tried again. */
export function outcomeOf(operations: Group, items: readonly BulkItem[]): WriteOutcome {
  const failures = operations.flatMap(({ index }, position) => {
    const item = items[position];
    if (item !== undefined && isWritten(item.status)) return [];
    const reason = `${index} ${item?.status}: ${item?.error?.type ?? 'no answer'}`;
    return [{ ok: false, retriable: item?.status !== 400, reason } as const];
  });
  return failures.find(({ retriable }) => !retriable) ?? failures[0] ?? OK;
}

function restoreOutcomeOf(operations: Group, items: readonly BulkItem[]): RestoreOutcome {
  const outcome = outcomeOf(operations, items);
  if (!outcome.ok) return { kind: 'refused', reason: outcome.reason };
  return { kind: items[0]?.status === 409 ? 'surpassed' : 'written' };
}

/** A conflict says that this version or a higher one stands there already. */
function isWritten(status: number): boolean {
  return (status >= 200 && status < 300) || status === 409;
}
