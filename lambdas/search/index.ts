/** Where members are found by what they are: documents and look-ups in the search domains, the last copy that answers a read. */
import { type DomainOptions, SearchDomain } from './domain';
import type { Domain } from './types';

export { type CursorBinding, decodeCursor, encodeCursor } from './cursor';
export { keyedHash } from './lookup-names';
export { maskContacts, maskDocument } from './mask';
export { type Answered, type Limited, PreferredDomains } from './preferred';
export { MOST_HITS } from './range-queries';
export type { DomainRanges, DomainSum, StoredVersion } from './ranges';
export type {
  CursorPosition,
  Domain,
  OneOrMore,
  RestoreOutcome,
  SearchFilter,
  SearchHit,
  SearchPage,
  SearchRequest,
  SearchSort,
  WriteOutcome,
} from './types';
export type { DomainOptions };

/** Connects when it is first used. */
export function createDomain(options: DomainOptions): Domain {
  return new SearchDomain(options);
}
