import type { MemberDocument } from '../../core';

/** Ids of which each may be given up once, by whoever found a claim that a dead reconciler had left pending. */
const TRIES = 10;

/**
 * Operations under which a version may be settled. They are the same for everybody who settles it, so that giving up on one
 * gives up on all who still try under it; at most 39 characters.
 */
export function operationsOf({ memberId, version }: MemberDocument): string[] {
  return Array.from({ length: TRIES }, (_, attempt) => `r${attempt}:${memberId}:${version}`);
}

/** The first one that nobody has decided. */
export function operationOf(document: MemberDocument, decided: ReadonlyMap<string, unknown>): string {
  const ids = operationsOf(document);
  return ids.find((id) => !decided.has(id)) ?? (ids.at(-1) as string);
}
