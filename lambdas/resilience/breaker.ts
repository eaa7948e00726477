import {
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  handleWhen,
  type IBackoff,
  type IBreaker,
} from 'cockatiel';
import { type Clock, unavailable } from '../core';
import { type BreakerRule, isTooSlow, type RuleKind, Ruling } from './breaker-rules';

export interface BreakerChange {
  /** `isolated`: held open by an operator, whatever the rules say. */
  readonly state: 'open' | 'closed' | 'isolated';
  /** What opened it: a rule, or the call that tried whether the dependency is back. */
  readonly by?: RuleKind | 'probe' | undefined;
}

export interface BreakerOptions {
  /** What is behind it, for people: it stands in errors. */
  readonly name: string;
  readonly clock: Clock;
  /** Any of them opens it. */
  readonly rules: readonly BreakerRule[];
  /** How long it stays open before one call may try again. */
  readonly openMs: number;
  /** Doubles with every try that fails, up to this: each costs some request its whole time. As `openMs` by default. */
  readonly mostOpenMs?: number;
  /** Errors that say that the dependency is ill; every error by default. */
  readonly isFailure?: (error: Error) => boolean;
  readonly onChange?: (change: BreakerChange) => void;
}

/** The policy measures its pauses by the wall clock, which may step: it gets none, and the pause is kept here. */
const NO_PAUSE: IBackoff<unknown> = { duration: Number.NEGATIVE_INFINITY, next: () => NO_PAUSE };
/** The rules decide before the policy is told: what it is told opens it. */
const OPENS: IBreaker = { state: undefined, success: () => undefined, failure: () => true };
const ISOLATED_RETRY_MS = 5000;

/** Tells the policy to open. */
const LIMIT_REACHED = new Error('a limit of the breaker was reached');

/** An answer that came too late to close the breaker, but is one. */
class SlowAnswer extends Error {
  readonly value: unknown;

  constructor(value: unknown) {
    super('the answer was slow');
    this.value = value;
  }
}

/**
 * Spares a dependency that fails or is slow: opens by its rules, then lets one call at a time try whether it is back; the
 * others are refused at once rather than kept waiting for that probe. Calls must be bounded in time.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #policy: CircuitBreakerPolicy;
  readonly #ruling: Ruling;
  #openedAtMs = 0;
  /** How often it opened since it was last closed. */
  #openings = 0;
  /** Rises with every change of state: calls of an earlier one say nothing of this one. */
  #era = 0;
  #openedBy: BreakerChange['by'];
  #isolation: { dispose(): void } | undefined;

  constructor(options: BreakerOptions) {
    const { isFailure = () => true } = options;
    this.#options = options;
    this.#ruling = new Ruling(options.rules);
    this.#policy = circuitBreaker(
      handleWhen((error) => error === LIMIT_REACHED || error instanceof SlowAnswer || isFailure(error)),
      { halfOpenAfter: NO_PAUSE, breaker: OPENS },
    );
    this.#policy.onBreak(() => {
      this.#openedAtMs = options.clock.monotonicMs();
      this.#openings += 1;
      const isIsolated = this.#policy.state === CircuitState.Isolated;
      this.#changed(isIsolated ? { state: 'isolated' } : { state: 'open', by: this.#openedBy });
      this.#openedBy = 'probe';
    });
    this.#policy.onReset(() => {
      this.#openings = 0;
      this.#changed({ state: 'closed' });
    });
  }

  /** Whether a call would be let through now. */
  get admits(): boolean {
    const { state } = this.#policy;
    if (state === CircuitState.Closed) return true;
    return state === CircuitState.Open && this.#pauseMs() <= 0;
  }

  get isClosed(): boolean {
    return this.#policy.state === CircuitState.Closed;
  }

  /** Holds it open, until it is let go; then it is closed. */
  isolate(isIsolated: boolean): void {
    if (isIsolated === (this.#isolation !== undefined)) return;
    if (isIsolated) {
      this.#isolation = this.#policy.isolate();
    } else {
      this.#isolation?.dispose();
      this.#isolation = undefined;
    }
  }

  /**
   * @throws Problem UNAVAILABLE without calling, while it is open
   * @throws whatever the call throws
   */
  execute<T>(call: () => Promise<T>): Promise<T> {
    if (this.#policy.state !== CircuitState.Closed) return this.#try(call);
    const era = this.#era;
    const startedAtMs = this.#ruling.isTimed ? this.#options.clock.monotonicMs() : 0;
    // The policy, which costs much, hears only of what opens it.
    return call().then(
      (value) => {
        if (this.#ruling.isIndifferent || era !== this.#era) return value;
        const by = this.#ended(startedAtMs, false);
        return by === undefined ? value : this.#open(by).then(() => value);
      },
      (error: Error) => {
        if (era !== this.#era) throw error;
        const by = this.#ended(startedAtMs, this.#options.isFailure?.(error) ?? true);
        if (by === undefined) throw error;
        return this.#open(by).then(() => {
          throw error;
        });
      },
    );
  }

  #ended(startedAtMs: number, hasFailed: boolean): RuleKind | undefined {
    const nowMs = this.#options.clock.monotonicMs();
    const tookMs = this.#ruling.isTimed ? nowMs - startedAtMs : 0;
    return hasFailed ? this.#ruling.failed(nowMs, tookMs) : this.#ruling.succeeded(nowMs, tookMs);
  }

  async #open(by: RuleKind): Promise<void> {
    if (this.#policy.state !== CircuitState.Closed) return;
    this.#openedBy = by;
    await this.#policy.execute(() => Promise.reject(LIMIT_REACHED)).catch(() => undefined);
  }

  /** The probe, if it is its turn. One that is answered as slowly as what opened the breaker leaves it open. */
  #try<T>(call: () => Promise<T>): Promise<T> {
    const { name, clock, rules } = this.#options;
    if (!this.admits) return Promise.reject(unavailable(`${name} is not available`, undefined, this.#retryMs()));
    const startedAtMs = clock.monotonicMs();
    const timed = () =>
      call().then((value) => {
        if (isTooSlow(rules, clock.monotonicMs() - startedAtMs)) throw new SlowAnswer(value);
        return value;
      });
    return this.#policy.execute(timed).catch((error: unknown) => {
      if (error instanceof SlowAnswer) return error.value as T;
      throw error;
    });
  }

  #changed(change: BreakerChange): void {
    this.#era += 1;
    this.#ruling.reset();
    this.#options.onChange?.(change);
  }

  #retryMs(): number {
    return this.#isolation === undefined ? Math.max(1, this.#pauseMs()) : ISOLATED_RETRY_MS;
  }

  #pauseMs(): number {
    const { openMs, mostOpenMs = openMs, clock } = this.#options;
    const pauseMs = Math.min(openMs * 2 ** (this.#openings - 1), Math.max(openMs, mostOpenMs));
    return this.#openedAtMs + pauseMs - clock.monotonicMs();
  }
}
