import { isInHistory, type MemberRow } from '../../lambdas/core';
import type { Region } from '../../topology';
import { isRead, type Operation } from '../support/history';
import { readingsOf, versionRead } from '../support/history/readings';

/** A write that was answered with success. */
export interface Acknowledged {
  readonly call: string;
  readonly member: string;
  readonly version: number;
  readonly region: Region;
  /** Whether the other region had accepted it. */
  readonly by: 'one' | 'both';
  readonly startedMs: number;
  readonly endedMs: number;
}

/** Every write that was acknowledged, with the version that it was told. */
export function acknowledgedWrites(operations: readonly Operation[]): Acknowledged[] {
  return operations.flatMap(({ call, outcome, region, startedMs, endedMs }) => {
    if (isRead(call) || outcome.kind !== 'ok' || outcome.version === undefined) return [];
    const member = 'member' in call ? call.member : outcome.document?.memberId;
    if (member === undefined) return [];
    const by = outcome.acknowledged === 'both' ? 'both' : 'one';
    return { call: call.kind, member, version: Number(outcome.version), region, by, startedMs, endedMs };
  });
}

/**
 * Those that are no part of what led to the rows: a higher version proves nothing where the unit failed over since.
 *
 * @param rows all rows in the end, by member
 */
export function lostWrites(writes: readonly Acknowledged[], rows: ReadonlyMap<string, MemberRow>): Acknowledged[] {
  return writes.filter(({ member, version }) => {
    const row = rows.get(member);
    return row === undefined || !isInHistory(version, { version: row.document.version, forks: row.forks });
  });
}

export interface StaleRead {
  readonly region: Region;
  readonly member: string;
  readonly read: number;
  readonly written: number;
}

/** Reads from some moment on that are older than a write that had been acknowledged before another. */
export function staleReads(
  operations: readonly Operation[],
  { writtenBeforeMs, readFromMs }: { readonly writtenBeforeMs: number; readonly readFromMs: number },
): StaleRead[] {
  const newest = new Map<string, number>();
  for (const { member, version, endedMs } of acknowledgedWrites(operations)) {
    if (endedMs <= writtenBeforeMs) newest.set(member, Math.max(version, newest.get(member) ?? 0));
  }
  return operations
    .filter(({ startedMs }) => startedMs >= readFromMs)
    .flatMap((operation) =>
      readingsOf(operation).flatMap((reading): StaleRead[] => {
        const read = versionRead(reading);
        const written = newest.get(reading.member) ?? 0;
        if (read === undefined || read >= written) return [];
        return [{ region: operation.region, member: reading.member, read, written }];
      }),
    );
}
