/** How long a flight waits for the one before it; after that it loads beside it. */
const MOST_WAIT_MS = 100;

interface Flight {
  readonly minVersion: number;
  outcome: Promise<unknown>;
}

/** What a request that joined gets, and whose work it is. */
export interface Joined<T> {
  readonly outcome: Promise<T>;
  readonly shared: boolean;
  /** What the work was asked to reach. */
  readonly minVersion: number;
}

/**
 * Lets concurrent misses of one key in this environment share one load.
 *
 * A request may only be given the result of a load that began after the request did: then every write that was answered
 * before the request is in it, as if the request had loaded itself. So a flight takes requests on board until its load
 * begins; who comes later boards the next one, which sets out when this one has landed and then finds the cache filled.
 * A request that asks for less than a flight's `minVersion` does not board it: what is too much to ask of a
 * database must fail only for those who asked for it.
 */
export class Flights {
  readonly #boarding = new Map<string, Flight>();
  readonly #loading = new Map<string, Flight>();

  /**
   * Joins the flight that is boarding, or starts one. All work of one key must come to one type.
   * @param work does what it takes, and calls `depart` just before it begins to load
   */
  join<T>(key: string, minVersion: number, work: (depart: () => void) => Promise<T>): Joined<T> {
    const boarding = this.#boarding.get(key);
    if (boarding !== undefined && boarding.minVersion <= minVersion) {
      return { outcome: boarding.outcome as Promise<T>, shared: true, minVersion: boarding.minVersion };
    }
    const flight: Flight = { minVersion, outcome: Promise.resolve() };
    const outcome = this.#fly(key, flight, work);
    flight.outcome = outcome;
    this.#boarding.set(key, flight);
    return { outcome, shared: false, minVersion };
  }

  async #fly<T>(key: string, flight: Flight, work: (depart: () => void) => Promise<T>): Promise<T> {
    const before = this.#loading.get(key);
    // Waits in any case, so that `join` puts this flight on the board before it can depart.
    await (before && settledOrTimeout(before.outcome));
    try {
      return await work(() => {
        this.#remove(this.#boarding, key, flight);
        this.#loading.set(key, flight);
      });
    } finally {
      this.#remove(this.#boarding, key, flight);
      this.#remove(this.#loading, key, flight);
    }
  }

  #remove(flights: Map<string, Flight>, key: string, flight: Flight): void {
    if (flights.get(key) === flight) flights.delete(key);
  }
}

async function settledOrTimeout(work: Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, MOST_WAIT_MS);
    const over = () => {
      clearTimeout(timer);
      resolve();
    };
    work.then(over, over);
  });
}
