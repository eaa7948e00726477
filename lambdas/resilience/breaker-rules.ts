import { CallWindow } from './call-window';

/** Over which calls all rules but `failures-in-a-row` are reckoned: the minute before now, sliding. */
export const RULE_WINDOW_MS = 60_000;

/**
 * When a dependency is left alone. The kinds are those of Sentinel's degrade rules (average time, slow ratio, exception
 * ratio, exception count) over a sliding minute, and failures in a row for what is gone all at once. A limit that is
 * reached opens; ratios and averages say nothing before `minimumCalls` have ended within the window.
 */
export type BreakerRule =
  | {
      readonly kind: 'failures-in-a-row';
      readonly failures: number;
      /** How long these failures must have been going on; a single stall of what is healthy fails many calls at once. */
      readonly failingForMs?: number;
    }
  | { readonly kind: 'exception-count'; readonly failures: number }
  | {
      readonly kind: 'exception-ratio';
      readonly ratio: number;
      readonly minimumCalls: number;
      /** How far apart the first and the last failure must be: what fails all at once, and no more, may have been connecting. */
      readonly overMs?: number;
    }
  | { readonly kind: 'slow-ratio'; readonly slowMs: number; readonly ratio: number; readonly minimumCalls: number }
  | { readonly kind: 'average-time'; readonly averageMs: number; readonly minimumCalls: number };

export type RuleKind = BreakerRule['kind'];

/** What has been seen of a dependency while its breaker was closed, as the rules need it. */
export interface Seen {
  readonly failuresInARow: number;
  /** Since the first of the failures in a row. */
  readonly failingForMs: number;
  /** Of the window. */
  readonly calls: number;
  readonly failures: number;
  /** From the first failure to the last one. */
  readonly failuresSpanMs: number;
  readonly slow: number;
  readonly averageMs: number;
}

/** Whether what was seen reaches the limit of a rule. */
export function opens(rule: BreakerRule, seen: Seen): boolean {
  switch (rule.kind) {
    case 'failures-in-a-row':
      return seen.failuresInARow >= rule.failures && seen.failingForMs >= (rule.failingForMs ?? 0);
    case 'exception-count':
      return seen.failures >= rule.failures;
    case 'exception-ratio':
      return (
        seen.failures > 0 &&
        seen.calls >= rule.minimumCalls &&
        seen.failures >= rule.ratio * seen.calls &&
        seen.failuresSpanMs >= (rule.overMs ?? 0)
      );
    case 'slow-ratio':
      return seen.slow > 0 && seen.calls >= rule.minimumCalls && seen.slow >= rule.ratio * seen.calls;
    case 'average-time':
      return seen.calls >= rule.minimumCalls && seen.averageMs >= rule.averageMs;
  }
}

/** Whether one call took longer than a rule stands: such a probe does not close a breaker. */
export function isTooSlow(rules: readonly BreakerRule[], tookMs: number): boolean {
  return rules.some(
    (rule) =>
      (rule.kind === 'slow-ratio' && tookMs > rule.slowMs) ||
      (rule.kind === 'average-time' && tookMs >= rule.averageMs),
  );
}

/** Counts the calls of a closed breaker for its rules. */
export class Ruling implements Seen {
  readonly #rules: readonly BreakerRule[];
  readonly #slowMs: number;
  readonly #window: CallWindow | undefined;
  /** Whether calls have to be timed from their beginning. */
  readonly isTimed: boolean;
  failuresInARow = 0;
  failingForMs = 0;
  failuresSpanMs = 0;
  #failingSinceMs = 0;
  #firstFailureMs = 0;

  constructor(rules: readonly BreakerRule[]) {
    this.#rules = rules;
    this.isTimed = rules.some(({ kind }) => kind === 'slow-ratio' || kind === 'average-time');
    this.#slowMs = Math.min(...rules.map((rule) => (rule.kind === 'slow-ratio' ? rule.slowMs : Infinity)));
    const isWindowed = rules.some(({ kind }) => kind !== 'failures-in-a-row');
    this.#window = isWindowed ? new CallWindow(RULE_WINDOW_MS) : undefined;
  }

  get calls(): number {
    return this.#window?.calls ?? 0;
  }

  get failures(): number {
    return this.#window?.failures ?? 0;
  }

  get slow(): number {
    return this.#window?.slow ?? 0;
  }

  get averageMs(): number {
    return this.#window?.averageMs ?? 0;
  }

  /** Whether a success changes nothing here, so that it need not be told. */
  get isIndifferent(): boolean {
    return this.#window === undefined && this.failuresInARow === 0;
  }

  /** @returns the rule that opens the breaker, if one does */
  succeeded(nowMs: number, tookMs: number): RuleKind | undefined {
    this.failuresInARow = 0;
    if (this.#window === undefined) return undefined;
    this.#window.add(nowMs, { hasFailed: false, isSlow: tookMs > this.#slowMs, tookMs });
    return this.#opening();
  }

  /** @returns the rule that opens the breaker, if one does */
  failed(nowMs: number, tookMs: number): RuleKind | undefined {
    if (this.failuresInARow === 0) this.#failingSinceMs = nowMs;
    this.failuresInARow += 1;
    this.failingForMs = nowMs - this.#failingSinceMs;
    this.#window?.add(nowMs, { hasFailed: true, isSlow: tookMs > this.#slowMs, tookMs });
    // Told after it was added: what has left the window by then is no first one.
    if (this.failures === 1) this.#firstFailureMs = nowMs;
    this.failuresSpanMs = nowMs - this.#firstFailureMs;
    return this.#opening();
  }

  /** What was seen before says nothing of what comes after. */
  reset(): void {
    this.failuresInARow = 0;
    this.#window?.clear();
  }

  #opening(): RuleKind | undefined {
    for (const rule of this.#rules) if (opens(rule, this)) return rule.kind;
    return undefined;
  }
}
