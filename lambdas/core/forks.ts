import { fieldsOf, valuesBefore } from './fields';
import type { MemberDocument, MemberRow } from './member';
import { epochOf, type Fork } from './version';

/** Longer than an event can stand in a queue and then among its dead letters: nothing older asks where an epoch began. */
const FORK_LIFE_MS = 15 * 24 * 3_600_000;

/** The forks of a row after a write: a new one where the write begins a later epoch; all learn what it changed. */
export function forksAfter({ document, forks }: MemberRow, after: MemberDocument): readonly Fork[] {
  const epoch = epochOf(after.version);
  // Nearly every write: there is nothing to tell, so nothing is compared.
  if (forks.length === 0 && epoch <= epochOf(document.version)) return forks;
  const changed = valuesBefore(fieldsOf(document), fieldsOf(after));
  const known = forksAt(forks, after.updatedAt).map((fork) => withChanges(fork, changed));
  if (epoch <= epochOf(document.version)) return known;
  return [...known, { epoch, from: document.version, changed, taken: {}, at: after.updatedAt }];
}

/** Those that are still needed at this time. */
export function forksAt(forks: readonly Fork[], now: string): readonly Fork[] {
  return forks.filter(({ at }) => Date.parse(now) - Date.parse(at) < FORK_LIFE_MS);
}

/** What a field was at the fork is known from its first change on. */
export function withChanges(fork: Fork, changed: Fork['changed']): Fork {
  return { ...fork, changed: { ...changed, ...fork.changed } };
}
