import { acceptedIn, type Decisions } from '../arbiter';
import { type Clock, type Log, unavailable } from '../core';
import { boundedBy, type Deadline } from '../resilience';
import {
  compileSnapshot,
  mergeSnapshots,
  readSnapshot,
  type Snapshot,
  stateOf,
  type UnitState,
  withUnit,
} from './snapshot';

/** Under which key the compiled snapshot lies in the caches. */
export const SNAPSHOT_KEY = '{switches}';

/** Where the compiled snapshot lies for the environments of a region: its cache. */
export interface SnapshotStore {
  get(): Promise<string | undefined>;
  /** In both regions. */
  put(text: string): Promise<void>;
}

/** Within this age a snapshot is used as it is. */
const FRESH_MS = 1000;
/** Beyond this age it is looked at again before a request is served. */
const STALE_MS = 4000;
/** Without the store, decisions are read at most this often. */
const DECISIONS_EVERY_MS = 60_000;

/** The snapshot of one execution environment: looked at at most once a second, and never polled from the parameters. */
export class Switches {
  readonly #decisions: Decisions;
  readonly #store: SnapshotStore;
  readonly #clock: Clock;
  readonly #log: Log;
  #snapshot: Snapshot | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #lookedAtWallMs = Number.NEGATIVE_INFINITY;
  #decisionsReadAtMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  constructor(parts: { decisions: Decisions; store: SnapshotStore; clock: Clock; log: Log }) {
    this.#decisions = parts.decisions;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /**
   * The snapshot to serve a request by. Within a second of the last look it costs nothing.
   *
   * @throws Problem UNAVAILABLE if nothing has ever been known here
   */
  current(): Snapshot | Promise<Snapshot> {
    const ageMs = this.#ageMs();
    if (this.#snapshot !== undefined && ageMs < STALE_MS) {
      if (ageMs >= FRESH_MS) void this.#look();
      return this.#snapshot;
    }
    return this.#look().then(() => this.#known());
  }

  /**
   * Reads one unit's decision strongly: after a fence refused, or where an act must be followed by a look.
   * @param deadline of the request that waits for it
   */
  async unitNow(unit: string, deadline?: Deadline): Promise<UnitState> {
    const decision = await boundedBy(deadline, this.#decisions.unit(unit), 'the arbiter');
    if (decision === undefined) throw unavailable(`unit ${unit} has not been founded`);
    if (this.#snapshot !== undefined) this.#snapshot = withUnit(this.#snapshot, decision);
    return stateOf(decision);
  }

  /** Compiles what was decided and lays it into the caches of both regions. */
  async publish(): Promise<void> {
    const compiled = await this.#compile();
    this.#snapshot = mergeSnapshots(this.#snapshot, compiled);
    await this.#store.put(JSON.stringify(this.#snapshot));
  }

  #known(): Snapshot {
    if (this.#snapshot === undefined) throw unavailable('neither the cache nor the arbiter told the switches');
    return this.#snapshot;
  }

  #look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    const arrived = (await this.#fromStore()) ?? (await this.#fromDecisions());
    if (arrived !== undefined) this.#snapshot = mergeSnapshots(this.#snapshot, arrived);
    // What could not be read is not asked for again at once: the last safe value stands.
    this.#lookedAtMs = this.#clock.monotonicMs();
    this.#lookedAtWallMs = this.#clock.nowMs();
  }

  /** By the clock that says more: the monotonic one may stand still while the environment is frozen, and the other one may step back. */
  #ageMs(): number {
    return Math.max(this.#clock.monotonicMs() - this.#lookedAtMs, this.#clock.nowMs() - this.#lookedAtWallMs);
  }

  async #fromStore(): Promise<Snapshot | undefined> {
    try {
      const text = await this.#store.get();
      return text === undefined ? undefined : readSnapshot(text);
    } catch {
      return undefined;
    }
  }

  async #fromDecisions(): Promise<Snapshot | undefined> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#snapshot !== undefined && nowMs - this.#decisionsReadAtMs < DECISIONS_EVERY_MS) return undefined;
    this.#decisionsReadAtMs = nowMs;
    try {
      return await this.#compile();
    } catch (error) {
      this.#log.warn('the switches cannot be read; the last safe values stand', { error: error as Error });
      return undefined;
    }
  }

  async #compile(): Promise<Snapshot> {
    const decisions = this.#decisions;
    const reads = [decisions.switchBook(), decisions.units(), decisions.callersRevision()] as const;
    const [book, units, callers] = await Promise.all(reads);
    return compileSnapshot(acceptedIn(book), units, book.step, callers);
  }
}
