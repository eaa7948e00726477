import type { DomainName } from '../../topology';
import { type Clock, isProblem, type Log, unavailable } from '../core';
import { Breaker } from '../resilience';
import type { Domain } from './types';

const FAILURES = 3;
/** A single stall of a domain that is well fails many calls at once. */
const FAILING_FOR_MS = 200;
const OPEN_MS = 1000;
const MOST_OPEN_MS = 4000;

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
  readonly #log: Log;
  readonly #breakers = new Map<DomainName, Breaker>();

  constructor(parts: { domains: Readonly<Record<DomainName, Domain>>; clock: Clock; log: Log }) {
    this.#domains = parts.domains;
    this.#clock = parts.clock;
    this.#log = parts.log;
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
        const value = await this.#breaker(name).execute(() => {
          const asked = ask(this.#domains[name]);
          if (isLast) return asked;
          late.push(answeredLater(name, asked));
          return within(patienceMs, asked, name);
        });
        if (value !== undefined) return { domain: name, value };
        isAnswered = true;
      } catch (error) {
        cause = error;
      }
    }
    for (const one of late) {
      const answered = await one;
      if (answered !== undefined) return answered;
    }
    if (isAnswered) return undefined;
    throw cause === undefined || isProblem(cause)
      ? unavailable('no search domain of this class answers', cause)
      : cause;
  }

  #breaker(name: DomainName): Breaker {
    const known = this.#breakers.get(name);
    if (known !== undefined) return known;
    const breaker = new Breaker({
      name: `search domain ${name}`,
      clock: this.#clock,
      failures: FAILURES,
      failingForMs: FAILING_FOR_MS,
      openMs: OPEN_MS,
      mostOpenMs: MOST_OPEN_MS,
      // What is wrong with a request says nothing about the domain.
      isFailure: (error) => isProblem(error, 'UNAVAILABLE'),
      onChange: (state) =>
        state === 'open'
          ? this.#log.warn('a search domain is left alone', { domain: name })
          : this.#log.info('a search domain is asked again', { domain: name }),
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
