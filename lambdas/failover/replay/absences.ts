import type { Clock } from '../../core';
import { Waiting } from '../waiting';

/** Time in which nobody tried does not count as time in which a domain did not answer: it may have been back. */
const MOST_BETWEEN_TRIES_MS = 5000;

interface Absence {
  readonly waiting: Waiting;
  endedAtMs: number;
}

/**
 * How long something has been away, as far as somebody was trying: told from what is recorded, and from this environment's
 * clock. Of two who try at once neither counts the other's time.
 */
export class Absences {
  readonly #clock: Clock;
  readonly #byName = new Map<string, Absence>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * A try begins.
   *
   * @param recordedMs how long it has certainly been away by then; undefined if it answered last
   */
  begin(name: string, epoch: number, recordedMs: number | undefined): void {
    const known = this.#byName.get(name);
    const nowMs = this.#clock.monotonicMs();
    const goesOn = recordedMs !== undefined && known !== undefined && nowMs - known.endedAtMs <= MOST_BETWEEN_TRIES_MS;
    const waiting = goesOn ? known.waiting : new Waiting(this.#clock);
    waiting.look(epoch, recordedMs ?? 0);
    this.#byName.set(name, { waiting, endedAtMs: nowMs });
  }

  /** The try has ended without an answer. @returns for how long it has been away, in milliseconds */
  failed(name: string): number {
    const absence = this.#byName.get(name);
    if (absence === undefined) return 0;
    absence.endedAtMs = this.#clock.monotonicMs();
    return Math.floor(absence.waiting.ms());
  }
}
