import type { FieldValue } from './fields';

/**
 * A member's version is `epoch * 2^32 + counter`, a safe integer in JavaScript and in Lua. The epoch rises at every
 * failover of the member's unit, so what is written after it is higher in every store.
 */
export type Version = number;

const COUNTERS = 2 ** 32;
/** Epochs stay below this, so that every version is a safe integer. */
export const MAX_EPOCH = 2 ** 21 - 1;

export function versionOf(epoch: number, counter: number): Version {
  return epoch * COUNTERS + counter;
}

export function epochOf(version: Version): number {
  return Math.floor(version / COUNTERS);
}

export function counterOf(version: Version): number {
  return version % COUNTERS;
}

/** The version of the next write to a row: above the row's own and within the epoch of the writer. */
export function nextVersion(current: Version, epoch: number): Version {
  return Math.max(current + 1, versionOf(epoch, 1));
}

/** Reads a version as callers send it; undefined for anything but a decimal safe integer. */
export function parseVersion(text: string): Version | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const version = Number(text);
  return Number.isSafeInteger(version) ? version : undefined;
}

/** Where a later epoch of a member began, and what has changed since. */
export interface Fork {
  readonly epoch: number;
  /** Versions of older epochs are contained up to this one. */
  readonly from: Version;
  /** Each field that was changed since the fork, with its value at the fork: null where there was none. */
  readonly changed: Readonly<Record<string, FieldValue>>;
  /** Each field that was taken over from an older epoch after the fork: from which version, and its value before. */
  readonly taken: Readonly<Record<string, { readonly version: Version; readonly base: FieldValue }>>;
  /** When the epoch began for this member, ISO 8601. */
  readonly at: string;
}

/**
 * Whether a version was part of the history that led to a row. A higher row does not prove it: a version of an older
 * epoch is contained only if the first fork to a later epoch began at or above it.
 */
export function isInHistory(version: Version, row: { version: Version; forks: readonly Fork[] }): boolean {
  if (version > row.version) return false;
  const fork = row.forks.find((candidate) => candidate.epoch > epochOf(version));
  return fork === undefined || version <= fork.from;
}
