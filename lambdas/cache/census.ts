import type { Redis } from 'ioredis';
import type { Region } from '../../topology';
import { type Account, type Endpoints, unavailable } from '../core';
import { decodeEntry } from './entry';
import type { FunctionCommands } from './functions';
import type { Fence } from './invalidation';
import { floorKey, marksKey } from './keys';
import { FENCE_LIFE_MS } from './lifetimes';
import { connect } from './server';

/** What a cache answers a read of a key with. */
export interface CachedEntry {
  readonly key: string;
  /** Of a member's own key; else it is a look-up. */
  readonly memberId: string | undefined;
  readonly version: number;
  /** `v` value, `c` closed member, `n` negative. */
  readonly flag: string;
  /** Of a look-up: the member that it leads to, empty for negatives. Of a member: the answer. */
  readonly body: string;
}

/** How far a census has come: nodes that are done, and the engine's cursor in the next one. */
export interface CensusPlace {
  readonly node: number;
  readonly cursor: string;
}

export interface CensusPage {
  readonly entries: readonly CachedEntry[];
  /** Behind this page. */
  readonly next: CensusPlace;
}

export const THE_BEGINNING: CensusPlace = { node: 0, cursor: '0' };

const ANSWER_TIMEOUT_MS = 5000;
const VALUES = /^\{(?:m:(\d+)|k:[^}]+)\}$/;

/**
 * All that a region's cache holds, for who compares it with the rows: slowly, and on a connection of its own. Every call
 * throws Problem UNAVAILABLE, or the client's error, where the cache does not answer.
 */
export class CacheCensus {
  readonly #cluster: ReturnType<typeof connect>;
  readonly #region: Region;

  constructor(options: {
    readonly region: Region;
    readonly address: Endpoints['caches'][Region];
    readonly account?: Account | undefined;
  }) {
    this.#region = options.region;
    this.#cluster = connect(options.address, options.account);
  }

  /**
   * Page by page what a read would find, each entry at least once if it stands all the while.
   *
   * @param generation below it nothing is found
   * @param keysAtOnce about so many keys make a page
   * @param from where an earlier census ended
   */
  async *pages(generation: number, keysAtOnce: number, from: CensusPlace = THE_BEGINNING): AsyncGenerator<CensusPage> {
    await this.#ready();
    const nodes = this.#cluster.nodes('master');
    for (let { node, cursor } = from; node < nodes.length; ) {
      const scanned = nodes[node]?.scan(cursor, 'MATCH', '{*}', 'COUNT', keysAtOnce);
      const [next, keys] = await this.#answered(scanned ?? Promise.resolve<[string, string[]]>(['0', []]));
      const values = [...new Set(keys)].filter((key) => VALUES.test(key));
      const entries = await this.entries(values, generation);
      [node, cursor] = next === '0' ? [node + 1, '0'] : [node, next];
      yield { entries, next: { node, cursor } };
    }
  }

  /** Those of these keys that a read would find. */
  async entries(keys: readonly string[], generation: number): Promise<CachedEntry[]> {
    await this.#ready();
    const texts = await this.#answered(Promise.all(keys.map((key) => this.#cluster.get(key))));
    return keys.flatMap((key, index) => {
      const entry = decodeEntry(texts[index] ?? null, generation);
      return entry === undefined ? [] : [{ key, memberId: VALUES.exec(key)?.[1], ...entry }];
    });
  }

  /** How many keys there are, of whatever kind. */
  async size(): Promise<number> {
    await this.#ready();
    const sizes = await this.#answered(Promise.all(this.#cluster.nodes('master').map((node: Redis) => node.dbsize())));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Forgets what a key holds, and takes nothing below a version any more. */
  async drop({ key, version }: Fence): Promise<void> {
    await this.#ready();
    await this.#answered(
      (this.#cluster as FunctionCommands).fence(key, floorKey(key), marksKey(key), version, FENCE_LIFE_MS, ''),
    );
    await this.#answered(this.#cluster.del(key));
  }

  close(): void {
    this.#cluster.disconnect();
  }

  async #ready(): Promise<void> {
    if (this.#cluster.status === 'ready') return;
    await this.#answered(new Promise<void>((resolve) => this.#cluster.once('ready', resolve)));
  }

  async #answered<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      const fail = () => reject(unavailable(`the cache of region ${this.#region} does not answer`));
      timer = setTimeout(fail, ANSWER_TIMEOUT_MS);
    });
    try {
      return await Promise.race([answer, silence]);
    } finally {
      clearTimeout(timer);
    }
  }
}
