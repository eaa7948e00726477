import type { DomainName } from '../../../topology';
import type { Arbiter } from '../../arbiter';
import type { RowPosition } from '../../shards';
import type { Reconciled } from '../reconcile';

/** What a replay has found and done so far, over all its runs. */
export interface Counts {
  readonly compared: number;
  readonly reconciled: Readonly<Record<Reconciled, number>>;
  /** Rows that were ahead nowhere but had to be, because a domain without whole documents was. */
  readonly followed: number;
  readonly dropped: number;
  readonly republished: number;
  readonly undecided: number;
}

/** How far the comparison with a search domain has come. */
export interface DomainProgress {
  /** Everything up to this member was compared; undefined at the beginning. */
  readonly after?: string | undefined;
  /** How long it has certainly been away; undefined if it answered when it was asked last. */
  readonly awayForMs?: number;
}

/** How far the replay of one epoch of a unit has come; whoever goes on with it begins here. */
export interface Progress {
  /** Nothing that was committed before this time, in milliseconds since 1970, can be missing at the promoted writer. */
  readonly sinceMs: number;
  readonly beganMs: number;
  /** `unknown`: the cache that was told of operations does not answer. */
  readonly inFlight: 'copied' | 'unknown' | undefined;
  readonly domains: Readonly<Partial<Record<DomainName, 'compared' | 'unreachable' | DomainProgress>>>;
  readonly areMovesRead: boolean;
  /** By schema (`a1/members_0`). */
  readonly republished: Readonly<Record<string, 'all' | RowPosition>>;
  readonly counts: Counts;
}

export const NOTHING_YET: Counts = {
  compared: 0,
  reconciled: { contained: 0, adopt: 0, merge: 0, quarantine: 0, touch: 0 },
  followed: 0,
  dropped: 0,
  republished: 0,
  undecided: 0,
};

/** The progress of one replay, kept in the arbiter: a step that was not saved is done again, which changes nothing. */
export class ProgressLog {
  readonly #replays: Arbiter['replays'];
  readonly #unit: string;
  readonly #epoch: number;
  #progress: Progress;

  private constructor(replays: Arbiter['replays'], unit: string, epoch: number, progress: Progress) {
    this.#replays = replays;
    this.#unit = unit;
    this.#epoch = epoch;
    this.#progress = progress;
  }

  /** @param begin says where a replay begins that nobody has begun yet */
  static async open(
    replays: Arbiter['replays'],
    { unit, epoch }: { unit: string; epoch: number },
    begin: () => Promise<Progress>,
  ): Promise<ProgressLog> {
    const known = (await replays.load(unit, epoch)) as Progress | undefined;
    const log = new ProgressLog(replays, unit, epoch, known ?? (await begin()));
    if (known === undefined) await log.save({});
    return log;
  }

  get now(): Progress {
    return this.#progress;
  }

  async save(change: Partial<Progress>): Promise<void> {
    this.#progress = { ...this.#progress, ...change };
    await this.#replays.save(this.#unit, this.#epoch, this.#progress);
  }

  /** Saved with the next step. */
  count(change: Partial<Omit<Counts, 'reconciled'>>, reconciled: readonly Reconciled[] = []): void {
    const { counts } = this.#progress;
    const added = Object.entries(change).map(([name, n]) => [name, counts[name as keyof typeof change] + n]);
    const kinds = { ...counts.reconciled };
    for (const kind of reconciled) kinds[kind] += 1;
    this.#progress = { ...this.#progress, counts: { ...counts, ...Object.fromEntries(added), reconciled: kinds } };
  }
}
