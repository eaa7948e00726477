/** What the indices of one domain are called. */
export interface IndexNames {
  readonly members: string;
  readonly lookups: string;
}

/** @param prefix tells systems apart that share a domain; empty where one has it for itself */
export function indexNames(prefix: string): IndexNames {
  return { members: `${prefix}members`, lookups: `${prefix}lookups` };
}

const KEYWORD = { type: 'keyword' } as const;
/** Of one form only, so that the order of texts is the order of times. */
const TIME = { type: 'date', format: 'strict_date_time' } as const;
const FLAG = { type: 'boolean' } as const;
/** The member's id as a number: a range of ids is a range of these. */
const NUMBER = { type: 'long' } as const;
/** `versionDigest` of what the document holds, to be added up. */
const DIGEST = { type: 'long', index: false } as const;

/** An unknown field is an error, not a new mapping; nothing is analysed, so nothing can be scored. */
export interface IndexMapping {
  readonly dynamic: 'strict';
  readonly properties: Readonly<Record<string, Readonly<Record<string, string | boolean>>>>;
}

export interface IndexDefinition {
  readonly name: keyof IndexNames;
  readonly shards: number;
  readonly mapping: IndexMapping;
}

export const INDICES: readonly IndexDefinition[] = [
  {
    name: 'members',
    shards: 2,
    mapping: {
      dynamic: 'strict',
      properties: {
        memberId: KEYWORD,
        number: NUMBER,
        digest: DIGEST,
        status: KEYWORD,
        name: KEYWORD,
        tier: KEYWORD,
        city: KEYWORD,
        tags: KEYWORD,
        marketingConsent: FLAG,
        registeredAt: TIME,
        updatedAt: TIME,
        // The whole document, kept and not looked into.
        document: { type: 'object', enabled: false },
      },
    },
  },
  {
    name: 'lookups',
    // Routed by key: a look-up asks one shard, however many there are.
    shards: 4,
    mapping: {
      dynamic: 'strict',
      properties: { kind: KEYWORD, value: KEYWORD, memberId: KEYWORD, number: NUMBER, removed: FLAG },
    },
  },
];

/** What an index that was made by an earlier version may lack. Documents that lack it are written anew by a comparison. */
export function additionsBody({ mapping }: IndexDefinition): string {
  return JSON.stringify({ properties: mapping.properties });
}

/** @param replicas copies of each shard beside the first */
export function indexBody(index: IndexDefinition, replicas: number): string {
  return JSON.stringify({
    settings: {
      number_of_shards: index.shards,
      number_of_replicas: replicas,
      // Said, though it is the default: an index that is not told stops refreshing when nobody searches it.
      refresh_interval: '1s',
    },
    mappings: index.mapping,
  });
}
