import type { Caller, Callers } from '../arbiter';
import { type Clock, isProblem, unavailable } from '../core';
import { ConcurrencyLimit, type Place } from '../resilience';
import { type KnownKey, knownKeysOf } from './api-key';
import { RecentlyUsed } from './recently-used';

/** Where callers are registered. A call that fails is taken for a registry that can't be reached. */
export type CallerRegistry = Pick<Callers, 'find'>;

export interface KnownCaller {
  readonly caller: Caller;
  readonly keys: readonly KnownKey[];
}

interface Entry {
  readonly known: KnownCaller;
  /** Revision of the registry that had been heard of when it was asked for. */
  readonly heard: number;
  /** Whether it was to be read after a change, and could not be: a copy of the registry may not have heard of that, either. */
  readonly isDoubtful: boolean;
  readonly readAtMs: number;
  /** From here on it is read again, while requests go on with what is known. */
  readonly refreshAtMs: number;
  /** From here on no request goes on with it. */
  readonly expiresAtMs: number;
}

/** How long a record counts, and how long before its end it is read again. */
const KNOWN_MS = 30_000;
const REFRESH_AHEAD_MS = 5_000;
/** A record that is met for the first time may be a moment behind, and is soon read again. */
const CONFIRM_MS = 2_000;
/** A caller that was registered a moment ago soon gets in. */
const UNKNOWN_MS = 5_000;
/** While the registry is away, what was known goes on this long, and the registry is asked this often. */
const WITHOUT_REGISTRY_MS = 600_000;
const RETRY_MS = 1_000;

const MAX_KNOWN = 1_000;
/** Apart from the known ones, so that invented names push no caller out. */
const MAX_UNKNOWN = 10_000;

/**
 * Of names that nobody here has met so many are asked for at a time, and few wait: whoever invents names, which needs no key,
 * is to take neither the arbiter nor the places of a class from those who are known.
 */
const STRANGERS: Place = { settings: { floor: 8, ceiling: 8, targetMs: 1 }, waitMs: 150 };

/**
 * The callers that this execution environment has met lately. Once it hears that the registry was changed, it asks for each
 * of them again before it lets the next request of theirs in.
 */
export class CallerDirectory {
  readonly #registry: CallerRegistry;
  readonly #clock: Clock;
  readonly #known = new RecentlyUsed<Entry>(MAX_KNOWN);
  readonly #unknownUntilMs = new RecentlyUsed<number>(MAX_UNKNOWN);
  readonly #lookups = new Map<string, Promise<KnownCaller | undefined>>();
  readonly #strangers: ConcurrencyLimit;
  #heard = 0;

  constructor({ registry, clock }: { registry: CallerRegistry; clock: Clock }) {
    this.#registry = registry;
    this.#clock = clock;
    this.#strangers = new ConcurrencyLimit({ ...STRANGERS, name: 'callers', clock });
  }

  /** Takes note of how often the registry was changed, as the snapshot of the switches says it. */
  hear(revision: number): void {
    if (revision <= this.#heard) return;
    this.#heard = revision;
    // Whoever is new gets in at once, and what was asked for before may be what it no longer is.
    this.#unknownUntilMs.clear();
    this.#lookups.clear();
  }

  /**
   * The caller of this name; at once if it was met lately.
   *
   * @param nowMs on the monotonic clock
   * @throws Problem UNAVAILABLE if it has to be asked for and the registry can't be reached; SHED if it was never met, and too
   * many like it are asked for
   */
  find(id: string, nowMs = this.#clock.monotonicMs()): KnownCaller | undefined | Promise<KnownCaller | undefined> {
    const entry = this.#known.get(id);
    if (entry !== undefined && nowMs < entry.expiresAtMs && entry.heard === this.#heard) {
      // Its failure is noted in the entry; this request does not depend on it.
      if (nowMs >= entry.refreshAtMs) this.#lookUp(id).catch(() => undefined);
      return entry.known;
    }
    if (entry === undefined && nowMs < (this.#unknownUntilMs.get(id) ?? 0)) return undefined;
    return this.#lookUp(id);
  }

  /** Asks the registry, once for all who want to know at this moment. */
  #lookUp(id: string): Promise<KnownCaller | undefined> {
    const running = this.#lookups.get(id);
    if (running !== undefined) return running;
    const lookup = this.#ask(id).finally(() => {
      if (this.#lookups.get(id) === lookup) this.#lookups.delete(id);
    });
    this.#lookups.set(id, lookup);
    return lookup;
  }

  async #ask(id: string): Promise<KnownCaller | undefined> {
    const heard = this.#heard;
    const entry = this.#known.get(id);
    const isOutdated = entry !== undefined && (entry.isDoubtful || entry.heard !== heard);
    // A copy that is a moment behind would pass for the changed record.
    const find = () => this.#registry.find(id, isOutdated ? 'strong' : 'near');
    try {
      return this.#learn(id, await (entry === undefined ? this.#strangers.execute(find, () => true) : find()), heard);
    } catch (error) {
      return this.#goOnWithout(id, error, heard);
    }
  }

  #learn(id: string, caller: Caller | undefined, heard: number): KnownCaller | undefined {
    const nowMs = this.#clock.monotonicMs();
    const known = caller === undefined ? undefined : { caller, keys: knownKeysOf(caller.keys) };
    // It was asked for before the change: an answer to those who asked then, and to nobody later.
    if (heard < this.#heard) return known;
    if (known === undefined) {
      this.#known.delete(id);
      this.#unknownUntilMs.set(id, nowMs + UNKNOWN_MS);
      return undefined;
    }
    const expiresAtMs = nowMs + KNOWN_MS;
    const refreshAtMs = this.#known.get(id) === undefined ? nowMs + CONFIRM_MS : expiresAtMs - REFRESH_AHEAD_MS;
    this.#unknownUntilMs.delete(id);
    this.#known.set(id, { known, heard, isDoubtful: false, readAtMs: nowMs, refreshAtMs, expiresAtMs });
    return known;
  }

  #goOnWithout(id: string, cause: unknown, heard: number): KnownCaller {
    const nowMs = this.#clock.monotonicMs();
    const entry = this.#known.get(id);
    const expiresAtMs = (entry?.readAtMs ?? 0) + WITHOUT_REGISTRY_MS;
    if (entry === undefined && isProblem(cause, 'SHED')) throw cause;
    if (entry === undefined || nowMs >= expiresAtMs)
      throw unavailable('the registry of callers cannot be reached', cause);
    const isDoubtful = entry.isDoubtful || entry.heard !== heard;
    this.#known.set(id, { ...entry, heard, isDoubtful, refreshAtMs: nowMs + RETRY_MS, expiresAtMs });
    return entry.known;
  }
}
