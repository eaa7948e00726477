import type { DomainName, ProfileKey } from '../../topology';
import { canonicalProfileKey, type LookupKey, unavailable } from '../core';
import type { Domain } from '../search';
import type { Snapshot, Switches } from '../switches';
import type { MemberCopy } from './copies';
import type { MemberReader, ReadOptions } from './reader';
import type { PublicMember } from './schema';

const DOMAIN_TIMEOUT_MS = 1000;

export interface Hits {
  readonly copies: readonly MemberCopy[];
  readonly domain: DomainName;
}

/** Finds members by a profile key, in the search domains of a class in their order of preference. */
export class KeyFinder {
  readonly #domains: Readonly<Record<DomainName, Domain>>;
  readonly #reader: MemberReader;
  readonly #switches: Switches;
  readonly #preference: (snapshot: Snapshot) => readonly DomainName[];

  constructor(parts: {
    domains: Readonly<Record<DomainName, Domain>>;
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
    const { domain, memberIds } = await this.#lookup(key, options);
    // Leaving a hit out because it cannot be read would say that nobody has the key.
    const copies = await this.#reader.readEvery(memberIds, options);
    return { domain, copies: copies.filter((copy) => hasKey(copy, key)) };
  }

  async #lookup(
    key: LookupKey,
    { deadline }: ReadOptions,
  ): Promise<{ domain: DomainName; memberIds: readonly string[] }> {
    let cause: unknown;
    for (const name of this.#preference(await this.#switches.current())) {
      try {
        const timeoutMs = deadline.child(DOMAIN_TIMEOUT_MS).remainingMs;
        return { domain: name, memberIds: await this.#domains[name].lookup(key, timeoutMs) };
      } catch (error) {
        cause = error;
      }
    }
    throw unavailable('no search domain of this class answers', cause);
  }
}

function hasKey(copy: MemberCopy, { kind, value }: LookupKey): boolean {
  if (copy.flag !== 'active') return false;
  const stored = (JSON.parse(copy.body) as PublicMember).profile[kind as ProfileKey];
  return stored !== undefined && canonicalProfileKey(kind as ProfileKey, stored) === value;
}
