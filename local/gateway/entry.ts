import { type Clock, Problem, systemClock } from '../../lambdas/core';
import { ConcurrencyLimit, type Place } from '../../lambdas/resilience';
import type { EntryRule, TrafficClass } from '../../topology';
import type { Waiting } from './invocation';

/**
 * How many requests of a class are under way in one process. In AWS each class has machines of its own; here all of them share
 * one thread and two cores, and what all wait for stands behind no dependency. The class with the lower target gives way.
 * None may take all that its function has in reserve: the other region's forwarded requests, and who asks for `/health`, come besides.
 */
const PLACES: Readonly<Record<TrafficClass, Place>> = {
  order: { settings: { floor: 64, ceiling: 192, targetMs: 400 }, waitMs: 500 },
  marketing: { settings: { floor: 4, ceiling: 48, targetMs: 50 }, waitMs: 150 },
  other: { settings: { floor: 8, ceiling: 96, targetMs: 100 }, waitMs: 300 },
};

/** Of all that a class may have: whoever else would wait goes away, so that one caller's queue leaves room to its class. */
const MOST_WAITING = 0.5;

const RETRY_MS = 1000;
/** As limits stand in refusals. */
const RULE = 'limit/requests' satisfies EntryRule;
const NAME = RULE.slice('limit/'.length);

/** The entry of a class. */
export class Entry {
  readonly #limit: ConcurrencyLimit;
  readonly #most: number;
  /** Let in, and waiting for their turn. */
  #waiting = 0;

  constructor(trafficClass: TrafficClass, clock: Clock = systemClock) {
    this.#most = PLACES[trafficClass].settings.ceiling;
    this.#limit = new ConcurrencyLimit({ name: NAME, ...PLACES[trafficClass], clock });
  }

  /**
   * Lets a call in. While it waits for its turn, by a rule of its caller, its place is somebody else's: a queue of one caller
   * is not to hold up its class.
   *
   * @throws Problem SHED; whatever the call throws
   */
  async run<T>(call: (waiting: Waiting) => Promise<T>, isDrop: (error: unknown) => boolean): Promise<T> {
    const limit = this.#limit;
    // Where nobody has given his place up, the limit itself says who may wait for one.
    if (this.#waiting > 0 && limit.inFlight + this.#waiting >= this.#most) {
      throw new Problem('SHED', {
        detail: 'too many of this class wait for their turn',
        rule: RULE,
        retryAfterMs: RETRY_MS,
      });
    }
    const entered = limit.enter();
    let place = typeof entered === 'number' ? entered : await entered;
    let heldMs: number | undefined;
    /** Also of whoever was given up while it waited: then it has nothing more to say. */
    const goOn = () => {
      if (heldMs === undefined) return;
      place = limit.resume(heldMs);
      heldMs = undefined;
      this.#waiting -= 1;
    };
    const isOpen = () => this.#waiting < this.#most * MOST_WAITING;
    const begin = () => {
      if (!isOpen()) return undefined;
      heldMs = limit.suspend(place);
      this.#waiting += 1;
      return goOn;
    };
    const leave = (isDropped: boolean) => {
      goOn();
      limit.leave(place, isDropped);
    };
    try {
      const waiting: Waiting = {
        get isOpen() {
          return isOpen();
        },
        begin,
      };
      const value = await call(waiting);
      leave(false);
      return value;
    } catch (error) {
      leave(isDrop(error));
      throw error;
    }
  }
}
