import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type CacheEntry, decodeEntry, encodeEntry, type Fillable, mayFill, type Uncacheable } from './entry';
import { Flights } from './flights';
import type { HotCopies, ReadStart } from './hot-copies';
import { jittered, VALUE_LIFE_MS } from './lifetimes';
import type { CacheServer, LeaseAnswer } from './server';

export interface ReadThrough<T> {
  readonly key: string;
  /** A copy below this version is no answer to this request. */
  readonly minVersion?: number;
  /**
   * Reads a database. `floor` is the fence's version if the cache told one: a copy below it, or below `minVersion`, must
   * not be returned as fillable. Loads of one key must be interchangeable: requests may share one.
   */
  load(request: { floor: number }): Promise<Fillable | Uncacheable<T>>;
}

export type ReadOutcome<T> =
  | { readonly source: 'cache'; readonly entry: CacheEntry }
  | { readonly source: 'loaded'; readonly found: Fillable | Uncacheable<T> };

/** Pauses between looks at a key that somebody else is filling; then the database is asked beside them. */
const WAITS_MS = [4, 8, 16, 32];

type Leased = Extract<LeaseAnswer, { kind: 'lease' }> & { readonly token: string };

/** Reads one region's cache, and fills it from a loader on a miss. */
export class Reader {
  isOn = true;
  generation = 0;
  readonly #server: CacheServer;
  readonly #hot: HotCopies;
  readonly #random: () => number;
  readonly #fills = new Flights();
  /** Apart from fills: who has asked the cache must not get what was loaded without knowing its fence. */
  readonly #detours = new Flights();
  readonly #tokenPrefix = randomUUID();
  #tokens = 0;

  constructor(server: CacheServer, hot: HotCopies, random: () => number) {
    this.#server = server;
    this.#hot = hot;
    this.#random = random;
  }

  read<T>(request: ReadThrough<T>): Promise<ReadOutcome<T>> {
    const { key, minVersion = 0 } = request;
    if (!this.isOn) return this.#loadOnly(request, 0);
    const copy = this.#hot.find(key, minVersion);
    if (copy !== undefined) return Promise.resolve({ source: 'cache', entry: copy });
    if (!this.#server.admits) return this.#withoutCache(request);
    const start = this.#hot.begin(key);
    const begun = this.#fills.questions;
    // Callbacks, not awaits: this is the path of every hit.
    return this.#server.get(key).then(
      (text) => {
        const entry = this.#hit(text, key, minVersion, start);
        return entry === undefined ? this.#miss(request, begun) : { source: 'cache', entry };
      },
      () => this.#withoutCache(request),
    );
  }

  /** What is cached; undefined also when the cache does not answer. */
  async peek(key: string): Promise<CacheEntry | undefined> {
    if (!this.isOn) return undefined;
    const copy = this.#hot.find(key, 0);
    if (copy !== undefined || !this.#server.admits) return copy;
    const start = this.#hot.begin(key);
    try {
      return this.#hit(await this.#server.get(key), key, 0, start);
    } catch {
      return undefined;
    }
  }

  #hit(text: string | null, key: string, minVersion: number, start: ReadStart | undefined): CacheEntry | undefined {
    const entry = decodeEntry(text, this.generation);
    if (entry === undefined || entry.version < minVersion) return undefined;
    if (start !== undefined) this.#hot.keep(key, entry, start);
    return entry;
  }

  #miss<T>(request: ReadThrough<T>, begun: number): Promise<ReadOutcome<T>> {
    return share(this.#fills, request, begun, (ask) => this.#fetch(request, ask));
  }

  /** What does not answer is not asked a second time by the same read. */
  #withoutCache<T>(request: ReadThrough<T>): Promise<ReadOutcome<T>> {
    return share(this.#detours, request, this.#detours.questions, (ask) => {
      ask();
      return this.#loadOnly(request, 0);
    });
  }

  /** Value, or lease and load and fill, or load without filling. */
  async #fetch<T>(request: ReadThrough<T>, ask: () => void): Promise<ReadOutcome<T>> {
    ask();
    const token = `${this.#tokenPrefix}:${++this.#tokens}`;
    const answer = await this.#valueOrLease(request, token);
    if (answer?.kind === 'value') {
      const entry = decodeEntry(answer.text, this.generation);
      if (entry !== undefined) return { source: 'cache', entry };
    }
    if (answer?.kind === 'lease') return this.#loadAndFill(request, { ...answer, token });
    return this.#loadOnly(request, answer === undefined || answer.kind === 'value' ? 0 : answer.floor);
  }

  async #loadOnly<T>({ load }: ReadThrough<T>, floor: number): Promise<ReadOutcome<T>> {
    return { source: 'loaded', found: await load({ floor }) };
  }

  /** Waits briefly for somebody else's fill; undefined when the cache does not answer. */
  async #valueOrLease<T>(request: ReadThrough<T>, token: string): Promise<LeaseAnswer | undefined> {
    const { key, minVersion = 0 } = request;
    try {
      let answer = await this.#server.getOrLease(key, this.generation, minVersion, token);
      for (const waitMs of WAITS_MS) {
        if (answer.kind !== 'filling') break;
        await delay(waitMs);
        answer = await this.#server.getOrLease(key, this.generation, minVersion, token);
      }
      return answer;
    } catch {
      return undefined;
    }
  }

  async #loadAndFill<T>({ key, load }: ReadThrough<T>, lease: Leased): Promise<ReadOutcome<T>> {
    const { generation } = this;
    let found: Fillable | Uncacheable<T> | undefined;
    try {
      found = await load({ floor: lease.floor });
      return { source: 'loaded', found };
    } finally {
      // The answer stands whatever becomes of the fill.
      const filled =
        found?.kind === 'fillable' && mayFill(found, lease.uptimeS)
          ? this.#fill(key, found, lease.token, generation)
          : this.#server.release(key, lease.token);
      await filled.catch(() => undefined);
    }
  }

  async #fill(key: string, found: Fillable, token: string, generation: number): Promise<void> {
    const { version } = found.entry;
    const text = encodeEntry(found.entry, generation);
    const lifeMs = jittered(found.ttlMs ?? VALUE_LIFE_MS, this.#random);
    await this.#server.fill(key, { token, generation, version, text, lifeMs });
  }
}

async function share<T>(
  flights: Flights,
  { key, minVersion = 0 }: ReadThrough<T>,
  begun: number,
  work: (ask: () => void) => Promise<ReadOutcome<T>>,
): Promise<ReadOutcome<T>> {
  const joined = flights.join(key, { minVersion, begun }, work);
  const outcome = await joined.outcome;
  return !joined.shared || isEnough(outcome, minVersion, joined.minVersion) ? outcome : work(() => undefined);
}

/** Whether the outcome of somebody else's work, which was asked to reach `askedVersion`, is an answer to this request. */
function isEnough<T>(outcome: ReadOutcome<T>, minVersion: number, askedVersion: number): boolean {
  if (outcome.source === 'cache') return outcome.entry.version >= minVersion;
  if (outcome.found.kind === 'fillable') return outcome.found.entry.version >= minVersion;
  return askedVersion === minVersion;
}
