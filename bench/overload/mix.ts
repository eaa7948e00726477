import type { TrafficClass } from '../../topology';
import type { BenchMember, HttpRequest } from '../job';
import { at } from '../paths/request-path';
import { type Random, zipf } from '../zipf';

const EXPONENT = 0.99;

/** What a class asks for, in shares of its requests. */
type Share = readonly [kind: Kind, share: number];
type Kind = 'read' | 'account' | 'phone' | 'patch';

const SHARES: Readonly<Record<TrafficClass, readonly Share[]>> = {
  order: [
    ['read', 0.6],
    ['account', 0.2],
    ['phone', 0.1],
    ['patch', 0.1],
  ],
  marketing: [
    ['read', 0.8],
    ['phone', 0.2],
  ],
  other: [
    ['read', 0.5],
    ['phone', 0.4],
    ['patch', 0.1],
  ],
};

/** What the cache alone answers: little can hinder it but a limit. */
const READS_ALONE: readonly Share[] = [['read', 1]];

/** Who asks, and where the class is served. */
export interface MixTarget {
  readonly apiKey: string;
  /** Path before `/members`; a service that knows no classes has one for all. */
  readonly prefix: string;
  /** Asks for members by id, whatever the class. */
  readonly readsAlone?: boolean | undefined;
}

/** Requests as a class makes them, over members of which some are asked for much more often than others. */
export class Mix {
  readonly #shares: readonly Share[];
  readonly #members: readonly BenchMember[];
  readonly #rank: () => number;
  readonly #random: Random;
  readonly #prefix: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #patchHeaders: Readonly<Record<string, string>>;
  #made = 0;

  constructor(
    trafficClass: TrafficClass,
    { apiKey, prefix, readsAlone = false }: MixTarget,
    { members, random }: { readonly members: readonly BenchMember[]; readonly random: Random },
  ) {
    this.#shares = readsAlone ? READS_ALONE : SHARES[trafficClass];
    this.#members = members;
    this.#random = random;
    this.#rank = zipf(members.length, EXPONENT, random);
    this.#prefix = prefix;
    this.#headers = { 'x-api-key': apiKey, accept: 'application/json' };
    this.#patchHeaders = { ...this.#headers, 'content-type': 'application/merge-patch+json' };
  }

  next(): HttpRequest {
    const member = at(this.#members, this.#rank());
    this.#made += 1;
    switch (this.#kind()) {
      case 'read':
        return this.#get(`/members/${member.memberId}`);
      case 'account':
        return this.#get(`/accounts/${member.platform}/${encodeURIComponent(member.account)}`);
      case 'phone':
        return this.#get(`/members?phone=${encodeURIComponent(member.phone)}`);
      case 'patch':
        return {
          method: 'PATCH',
          path: `${this.#prefix}/members/${member.memberId}`,
          headers: this.#patchHeaders,
          body: JSON.stringify({ city: `City ${this.#made}` }),
        };
    }
  }

  #get(path: string): HttpRequest {
    return { method: 'GET', path: this.#prefix + path, headers: this.#headers };
  }

  #kind(): Kind {
    let drawn = this.#random();
    for (const [kind, share] of this.#shares) {
      drawn -= share;
      if (drawn < 0) return kind;
    }
    return 'read';
  }
}
