import type { DomainName, ProfileKey } from '../../topology';
import { canonicalProfileKey, type LookupKey, unavailable } from '../core';
import type { Answered, PreferredDomains } from '../search';
import type { Snapshot, Switches } from '../switches';
import type { MemberCopy } from './copies';
import type { MemberReader, ReadOptions } from './reader';
import type { PublicMember } from './schema';

const DOMAIN_TIMEOUT_MS = 1000;
/** After this the next domain is asked too; a look-up takes some milliseconds. */
const PATIENCE_MS = 250;

export interface Hits {
  readonly copies: readonly MemberCopy[];
  readonly domain: DomainName;
}

/** Finds members by a profile key, in the search domains of a class in their order of preference. */
export class KeyFinder {
  readonly #domains: PreferredDomains;
  readonly #reader: MemberReader;
  readonly #switches: Switches;
  readonly #preference: (snapshot: Snapshot) => readonly DomainName[];

  constructor(parts: {
    domains: PreferredDomains;
    reader: MemberReader;
    switches: Switches;
    preference: (snapshot: Snapshot) => readonly DomainName[];
  }) {
    this.#domains = parts.domains;
    this.#reader = parts.reader;
    this.#switches = parts.switches;
    this.#preference = parts.preference;
  }

  /**
   * Every hit is read by id and must still have the key, so that no member is found by what it was.
   *
   * @throws Problem UNAVAILABLE if no domain of this class answers
   */
  async find(key: LookupKey, options: ReadOptions): Promise<Hits> {
    const { domain, value: memberIds } = await this.#lookup(key, options);
    // Leaving a hit out because it cannot be read would say that nobody has the key.
    const copies = await this.#reader.readEvery(memberIds, options);
    return { domain, copies: copies.filter((copy) => hasKey(copy, key)) };
  }

  async #lookup(key: LookupKey, { deadline }: ReadOptions): Promise<Answered<readonly string[]>> {
    const names = this.#preference(await this.#switches.current());
    const found = await this.#domains.first(names, PATIENCE_MS, (domain) =>
      domain.lookup(key, deadline.child(DOMAIN_TIMEOUT_MS).remainingMs),
    );
    if (found === undefined) throw unavailable('no search domain of this class answers');
    return found;
  }
}

function hasKey(copy: MemberCopy, { kind, value }: LookupKey): boolean {
  if (copy.flag !== 'active') return false;
  const stored = (JSON.parse(copy.body) as PublicMember).profile[kind as ProfileKey];
  return stored !== undefined && canonicalProfileKey(kind as ProfileKey, stored) === value;
}
