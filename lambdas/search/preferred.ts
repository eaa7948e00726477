import { DOMAIN_NAMES, type DomainName } from '../../topology';
import { type Clock, isProblem, unavailable } from '../core';
import { Breaker, type BreakerRule, ConcurrencyLimit, type Place, tellBreaker, type Watch } from '../resilience';
import type { Domain } from './types';

/**
 * A single stall of a domain that is well fails many calls at once. A domain whose answers nearly all take most of the time
 * that a search may have is about to answer nothing, and holds those who wait for it meanwhile, also where a class has no
 * other.
 */
const RULES: readonly BreakerRule[] = [
  { kind: 'failures-in-a-row', failures: 3, failingForMs: 200 },
  { kind: 'exception-ratio', ratio: 0.5, minimumCalls: 20 },
  { kind: 'slow-ratio', slowMs: 1500, ratio: 0.8, minimumCalls: 20 },
];
const OPEN_MS = 1000;
const MOST_OPEN_MS = 4000;

/** How many requests of a class may be under way to each domain. */
export interface Limited extends Place {
  /** Whether a domain to which too many are under way is passed over for the next one; else the request is refused. */
  readonly mustAnswer: boolean;
}

export interface Answered<T> {
  readonly domain: DomainName;
  readonly value: T;
}

/**
 * Reads from several domains, the preferred one first. One that fails, or is slower than there is reason to wait for while
 * another could answer, is left alone for a while: a domain that stalls would cost every request the whole of its time.
 */
export class PreferredDomains {
  readonly #domains: Readonly<Record<DomainName, Domain>>;
  readonly #clock: Clock;
  readonly #watch: Watch;
  readonly #breakers = new Map<DomainName, Breaker>();
  readonly #limited: Limited | undefined;
  readonly #limits = new Map<DomainName, ConcurrencyLimit>();

  constructor(parts: { domains: Readonly<Record<DomainName, Domain>>; clock: Clock; limited?: Limited } & Watch) {
    this.#domains = parts.domains;
    this.#clock = parts.clock;
    this.#watch = parts;
    this.#limited = parts.limited;
  }

  /**
   * The first answer that is one. The last domain that may be asked gets all the time that it takes; one before it gets
   * `patienceMs`, then the next is asked too. If that fails, what the slow one comes to is the answer.
   *
   * @param names in their order of preference
   * @param ask ends by itself; undefined is no answer, and no failure either
   * @returns undefined if no domain had an answer
   * @throws Problem UNAVAILABLE if none could be asked; what `ask` throws if that is something else
   */
  async first<T>(
    names: readonly DomainName[],
    patienceMs: number,
    ask: (domain: Domain) => Promise<T | undefined>,
  ): Promise<Answered<T> | undefined> {
    const admitted = names.filter((name) => this.#breaker(name).admits);
    const late: Promise<Answered<T> | undefined>[] = [];
    let isAnswered = false;
    let cause: unknown;
    for (const [index, name] of admitted.entries()) {
      const isLast = index === admitted.length - 1;
      try {
        const askOne = () => {
          const asked = ask(this.#domains[name]);
          if (!isLast) late.push(answeredLater(name, asked));
          return asked;
        };
        const value = await this.#execute(name, askOne, isLast ? undefined : patienceMs);
        if (value !== undefined) return { domain: name, value };
        isAnswered = true;
      } catch (error) {
        if (isProblem(error, 'SHED') && this.#limited?.mustAnswer === false) throw error;
        cause = error;
      }
    }
    for (const one of late) {
      const answered = await one;
      if (answered !== undefined) return answered;
    }
    if (isAnswered) return undefined;
    throw cause === undefined || isProblem(cause, 'UNAVAILABLE')
      ? unavailable('no search domain of this class answers', cause)
      : cause;
  }

  /** A place is held until the domain has answered, however long its caller waits; patience begins once there is a place. */
  async #execute<T>(name: DomainName, ask: () => Promise<T>, patienceMs: number | undefined): Promise<T> {
    const limit = this.#limit(name);
    const beganAtMs = await limit?.enter();
    let isAsked = false;
    const leave = (isDropped: boolean) => beganAtMs !== undefined && limit?.leave(beganAtMs, isDropped);
    try {
      return await this.#breaker(name).execute(() => {
        const asked = ask();
        isAsked = true;
        asked.then(
          () => leave(false),
          (error) => leave(isProblem(error, 'UNAVAILABLE')),
        );
        return patienceMs === undefined ? asked : within(patienceMs, asked, name);
      });
    } finally {
      if (!isAsked) leave(true);
    }
  }

  #limit(name: DomainName): ConcurrencyLimit | undefined {
    if (this.#limited === undefined) return undefined;
    const known = this.#limits.get(name);
    if (known !== undefined) return known;
    const { settings, waitMs } = this.#limited;
    const { metrics } = this.#watch;
    const limit = new ConcurrencyLimit({ name: `search-${name}`, settings, waitMs, clock: this.#clock, metrics });
    this.#limits.set(name, limit);
    return limit;
  }

  /** Leaves these alone, and no others, until it is told otherwise. */
  isolate(names: readonly DomainName[]): void {
    for (const name of DOMAIN_NAMES) this.#breaker(name).isolate(names.includes(name));
  }

  #breaker(name: DomainName): Breaker {
    const known = this.#breakers.get(name);
    if (known !== undefined) return known;
    const breaker = new Breaker({
      name: `search domain ${name}`,
      clock: this.#clock,
      rules: RULES,
      openMs: OPEN_MS,
      mostOpenMs: MOST_OPEN_MS,
      // What is wrong with a request says nothing about the domain.
      isFailure: (error) => isProblem(error, 'UNAVAILABLE'),
      onChange: tellBreaker(this.#watch, `search-${name}`),
    });
    this.#breakers.set(name, breaker);
    return breaker;
  }
}

/** Never rejects: who waits for it has other answers to hope for. */
function answeredLater<T>(domain: DomainName, asked: Promise<T | undefined>): Promise<Answered<T> | undefined> {
  return asked.then(
    (value) => (value === undefined ? undefined : { domain, value }),
    () => undefined,
  );
}

async function within<T>(patienceMs: number, asked: Promise<T>, name: DomainName): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const impatience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(`search domain ${name} takes long`)), patienceMs);
  });
  try {
    return await Promise.race([asked, impatience]);
  } finally {
    clearTimeout(timer);
  }
}
