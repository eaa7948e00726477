import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type IBackoff,
} from 'cockatiel';
import { type Clock, unavailable } from '../core';

export interface BreakerOptions {
  /** What is behind it, for people: it stands in errors. */
  readonly name: string;
  readonly clock: Clock;
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open before one call may try again. */
  readonly openMs: number;
  /** Errors that say that the dependency is ill; every error by default. */
  readonly isFailure?: (error: Error) => boolean;
  readonly onChange?: (state: 'open' | 'closed') => void;
}

/** The policy measures its pauses by the wall clock, which may step: it gets none, and the pause is kept here. */
const NO_PAUSE: IBackoff<unknown> = { duration: Number.NEGATIVE_INFINITY, next: () => NO_PAUSE };

/**
 * Spares a dependency that fails: opens after some failures in a row, then lets one call at a time try whether it is
 * back; the others are refused at once rather than kept waiting for that probe. Calls must be bounded in time.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #policy: CircuitBreakerPolicy;
  #openedAtMs = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#policy = circuitBreaker(handleWhen(options.isFailure ?? (() => true)), {
      halfOpenAfter: NO_PAUSE,
      breaker: new ConsecutiveBreaker(options.failures),
    });
    this.#policy.onBreak(() => {
      this.#openedAtMs = options.clock.monotonicMs();
      options.onChange?.('open');
    });
    this.#policy.onReset(() => options.onChange?.('closed'));
  }

  /** Whether a call would be let through now. */
  get admits(): boolean {
    const { state } = this.#policy;
    if (state === CircuitState.Closed) return true;
    return state === CircuitState.Open && this.#pauseMs() <= 0;
  }

  /**
   * @throws Problem UNAVAILABLE without calling, while it is open
   * @throws whatever the call throws
   */
  async execute<T>(call: () => Promise<T>): Promise<T> {
    if (!this.admits) {
      throw unavailable(`${this.#options.name} is not available`, undefined, Math.max(1, this.#pauseMs()));
    }
    return this.#policy.execute(call);
  }

  #pauseMs(): number {
    return this.#openedAtMs + this.#options.openMs - this.#options.clock.monotonicMs();
  }
}
