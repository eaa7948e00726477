/** How long a flight waits for the one before it; after that it loads beside it. */
const MOST_WAIT_MS = 100;

interface Flight {
  readonly minVersion: number;
  outcome: Promise<unknown>;
  /** Which of all questions its own was; undefined until it asks. */
  question?: number;
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
 * A request may only be given what was asked of the cache after the request began: then every write that was answered
 * before the request is known to whoever loads, as if the request had asked itself. An answer that is still on its way
 * may be older than that. So a flight takes on board whoever began before it asked; who began later boards the next one,
 * which sets out when this one has landed and then finds the cache filled.
 * A request that asks for less than a flight's `minVersion` does not board it: what is too much to ask of a
 * database must fail only for those who asked for it.
 */
export class Flights {
  readonly #boarding = new Map<string, Flight>();
  readonly #flying = new Map<string, Flight>();
  #questions = 0;

  /** How many questions were asked: to be noted when a request begins. */
  get questions(): number {
    return this.#questions;
  }

  /**
   * Joins a flight that asks after the request began, or starts one. All work of one key must come to one type.
   * @param request `begun`: the number of questions when it began
   * @param work does what it takes, and calls `ask` just before it asks the cache, or a database where no cache is asked
   */
  join<T>(
    key: string,
    request: { readonly minVersion: number; readonly begun: number },
    work: (ask: () => void) => Promise<T>,
  ): Joined<T> {
    const { minVersion, begun } = request;
    for (const flight of [this.#flying.get(key), this.#boarding.get(key)]) {
      if (flight === undefined || flight.minVersion > minVersion || (flight.question ?? Infinity) <= begun) continue;
      return { outcome: flight.outcome as Promise<T>, shared: true, minVersion: flight.minVersion };
    }
    const flight: Flight = { minVersion, outcome: Promise.resolve() };
    const outcome = this.#fly(key, flight, work);
    flight.outcome = outcome;
    this.#boarding.set(key, flight);
    return { outcome, shared: false, minVersion };
  }

  async #fly<T>(key: string, flight: Flight, work: (ask: () => void) => Promise<T>): Promise<T> {
    const before = this.#flying.get(key);
    // Waits in any case, so that `join` puts this flight on the board before it can ask.
    await (before && settledOrTimeout(before.outcome));
    try {
      return await work(() => {
        this.#questions += 1;
        flight.question = this.#questions;
        this.#remove(this.#boarding, key, flight);
        this.#flying.set(key, flight);
      });
    } finally {
      this.#remove(this.#boarding, key, flight);
      this.#remove(this.#flying, key, flight);
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
