import {
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  handleWhen,
  type IBackoff,
  type IBreaker,
} from 'cockatiel';
import { type Clock, unavailable } from '../core';

export interface BreakerOptions {
  /** What is behind it, for people: it stands in errors. */
  readonly name: string;
  readonly clock: Clock;
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long these failures must have been going on; a single stall of what is healthy fails many calls at once. */
  readonly failingForMs?: number;
  /** How long it stays open before one call may try again. */
  readonly openMs: number;
  /** Doubles with every try that fails, up to this: each costs some request its whole time. As `openMs` by default. */
  readonly mostOpenMs?: number;
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
  readonly #rule: FailuresInARow;
  #openedAtMs = 0;
  /** How often it opened since it was last closed. */
  #openings = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#rule = new FailuresInARow(options);
    this.#policy = circuitBreaker(handleWhen(options.isFailure ?? (() => true)), {
      halfOpenAfter: NO_PAUSE,
      breaker: this.#rule,
    });
    this.#policy.onBreak(() => {
      this.#openedAtMs = options.clock.monotonicMs();
      this.#openings += 1;
      options.onChange?.('open');
    });
    this.#policy.onReset(() => {
      this.#openings = 0;
      options.onChange?.('closed');
    });
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
  execute<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isCalm) return call().then(undefined, (error) => this.#policy.execute(() => Promise.reject(error)));
    if (this.admits) return this.#policy.execute(call);
    return Promise.reject(
      unavailable(`${this.#options.name} is not available`, undefined, Math.max(1, this.#pauseMs())),
    );
  }

  /** Nothing failed lately, so a success needs no counting: the policy, which costs much, hears of failures only. */
  get #isCalm(): boolean {
    return !this.#rule.hasFailures && this.#policy.state === CircuitState.Closed;
  }

  #pauseMs(): number {
    const { openMs, mostOpenMs = openMs, clock } = this.#options;
    const pauseMs = Math.min(openMs * 2 ** (this.#openings - 1), Math.max(openMs, mostOpenMs));
    return this.#openedAtMs + pauseMs - clock.monotonicMs();
  }
}

/** The rule by which it opens. */
class FailuresInARow implements IBreaker {
  /** Only read and set by the policy's own serialization, which nobody uses. */
  state: unknown;
  readonly #options: BreakerOptions;
  #failures = 0;
  #firstAtMs = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get hasFailures(): boolean {
    return this.#failures > 0;
  }

  success(): void {
    this.#failures = 0;
  }

  failure(): boolean {
    const { clock, failures, failingForMs = 0 } = this.#options;
    const nowMs = clock.monotonicMs();
    if (this.#failures === 0) this.#firstAtMs = nowMs;
    this.#failures += 1;
    return this.#failures >= failures && nowMs - this.#firstAtMs >= failingForMs;
  }
}
