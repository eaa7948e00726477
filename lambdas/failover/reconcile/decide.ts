import {
  type ClaimReference,
  epochOf,
  type FieldValue,
  type Fork,
  fieldsOf,
  isInHistory,
  isoTime,
  isSameValue,
  type MemberDocument,
  type MemberRow,
  nextVersion,
  STATUS_FIELD,
  type Version,
} from '../../core';
import { claimOfField, documentOf, forksWith } from './next-row';

/** Under what a candidate is judged. */
export interface Terms {
  /** The unit's epoch: later than the candidate's. */
  readonly epoch: number;
  readonly nowMs: number;
  /** Whether a claim still names the member under this generation. */
  readonly stands: (claim: ClaimReference) => boolean;
}

/** A value that an epoch wrote and that the row does not get: someone must decide. */
export interface LostValue {
  readonly field: string;
  /** Null: the field was taken away. */
  readonly value: FieldValue;
  /** What the row has instead. */
  readonly kept: FieldValue;
  /** What it was at the fork. */
  readonly base: FieldValue;
  /** Of which version it was the value. */
  readonly version: Version;
  readonly reason: 'changed since' | 'closed since' | 'claim moved';
}

/** What a version that is not in a row's history comes to. */
export type Decision =
  /** It is in the history: nothing to do. */
  { readonly kind: 'contained' } | Taking;

/**
 * The row's next version. `adopt`: no later epoch has changed the row, so the candidate is its own future. `merge`:
 * what has not changed since the fork is taken. `quarantine`: some values are lost, and have to be listed. `touch`:
 * nothing is to be taken, but copies that have the candidate must follow the row.
 */
export interface Taking {
  readonly kind: 'adopt' | 'merge' | 'quarantine' | 'touch';
  readonly document: MemberDocument;
  readonly forks: readonly Fork[];
  readonly lost: readonly LostValue[];
}

/**
 * Decides about a version of an older epoch: a three-way merge, whose base is the version at which the next epoch
 * began. A field that no later epoch has changed since then becomes what the candidate has; of two changes that of the
 * later epoch stays, and the other one is lost. A version holds the changes of those before it in its epoch, so the
 * highest one that has arrived speaks for all of them, in whatever order they come.
 *
 * @param row undefined where the writer has never seen the member
 * @param candidate a version of an epoch before `terms.epoch`
 */
export function reconcile(row: MemberRow | undefined, candidate: MemberDocument, terms: Terms): Decision {
  if (epochOf(candidate.version) >= terms.epoch) return { kind: 'contained' };
  const now = isoTime(terms.nowMs);
  const next = { version: nextVersion(row?.document.version ?? 0, terms.epoch), now };
  const began = { epoch: terms.epoch, from: row?.document.version ?? 0, changed: {}, taken: {}, at: now };
  if (row === undefined) {
    const { taken, lost } = sortFields(undefined, candidate, began, terms.stands);
    const document = documentOf(taken, [candidate], next);
    const { version } = candidate;
    const nothingBefore = Object.fromEntries([...taken.keys()].map((field) => [field, { version, base: null }]));
    const forks = [{ ...began, from: version, taken: nothingBefore }];
    return { kind: lost.length > 0 ? 'quarantine' : 'adopt', document, forks, lost };
  }
  if (isInHistory(candidate.version, { version: row.document.version, forks: row.forks })) return { kind: 'contained' };
  // Whatever comes of it, the row's next version is one of this epoch.
  const known = epochOf(row.document.version) < terms.epoch ? [...row.forks, began] : row.forks;
  const fork = known.find(({ epoch }) => epoch > epochOf(candidate.version)) ?? began;
  const { taken, lost } = sortFields(row.document, candidate, fork, terms.stands);
  const document = documentOf(new Map([...fieldsOf(row.document), ...taken]), [row.document, candidate], next);
  const took = { fork, version: candidate.version, fields: [...taken.keys()] };
  const forks = forksWith({ document: row.document, forks: known }, took, now);
  return { kind: kindOf(taken, lost, fork), document, forks, lost };
}

function kindOf(taken: ReadonlyMap<string, FieldValue>, lost: readonly LostValue[], fork: Fork): Taking['kind'] {
  if (lost.length > 0) return 'quarantine';
  if (taken.size === 0) return 'touch';
  return Object.keys(fork.changed).length === 0 ? 'adopt' : 'merge';
}

/** What the row gets of a candidate, and what is lost. */
function sortFields(row: MemberDocument | undefined, candidate: MemberDocument, fork: Fork, stands: Terms['stands']) {
  const mine = row === undefined ? new Map<string, FieldValue>() : fieldsOf(row);
  const theirs = fieldsOf(candidate);
  // A closing is for the row as the closer saw it. The accounts leave in any case: they may have left before it.
  const staysOpen = Object.keys(fork.changed).length > 0;
  const taken = new Map<string, FieldValue>();
  const lost: LostValue[] = [];
  for (const field of new Set([...mine.keys(), ...theirs.keys()])) {
    const value = theirs.get(field) ?? null;
    const kept = mine.get(field) ?? null;
    const older = takenFromOlder(fork, field, candidate.version);
    const wasChanged = field in fork.changed;
    // What the candidate has as it was, it did not write.
    const unwritten = [kept, ...(wasChanged ? [fork.changed[field]] : []), ...(older ? [older.base] : [])];
    if (unwritten.some((known) => isSameValue(known, value))) continue;
    const base = (fork.taken[field] ?? { base: wasChanged ? (fork.changed[field] ?? null) : kept }).base;
    const lose = (reason: LostValue['reason']) =>
      lost.push({ field, value, kept: taken.has(field) ? null : kept, base, version: candidate.version, reason });
    const claim = claimOfField(field, candidate);
    if (wasChanged || (staysOpen && field === STATUS_FIELD)) lose('changed since');
    else if (row?.status === 'closed') lose('closed since');
    else if (claim === undefined || stands(claim)) {
      taken.set(field, value);
      if (older !== undefined) {
        lost.push({ field, value: kept, kept: value, base, version: older.version, reason: 'changed since' });
      }
    } else {
      // One generation stands at most: if theirs does not, the one that they gave up for it does not either.
      if (kept !== null) taken.set(field, null);
      lose('claim moved');
    }
  }
  return { taken, lost };
}

function takenFromOlder(fork: Fork, field: string, version: Version) {
  const taken = fork.taken[field];
  return taken !== undefined && epochOf(taken.version) < epochOf(version) ? taken : undefined;
}
