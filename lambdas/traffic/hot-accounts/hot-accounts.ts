import type { Clock, Metrics } from '../../core';
import type { HotAccountLimits } from '../../switches';
import { AccountLimit, type SharedTally } from './account-limit';

/** What is named as the rule where an account is asked for too often. */
export const HOT_ACCOUNT = 'hot-account';

export interface HotAccountParts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly tallies?: { readonly reads: SharedTally; readonly writes: SharedTally } | undefined;
}

/** Limits each account for itself: reads and writes apart, because a row bears far fewer writes than its copies reads. */
export class HotAccounts {
  readonly #reads: AccountLimit;
  readonly #writes: AccountLimit;
  readonly #metrics: Metrics;
  #limits: HotAccountLimits | undefined;

  constructor({ clock, metrics, tallies }: HotAccountParts) {
    this.#metrics = metrics;
    this.#reads = new AccountLimit(Number.POSITIVE_INFINITY, { clock, tally: tallies?.reads });
    this.#writes = new AccountLimit(Number.POSITIVE_INFINITY, { clock, tally: tallies?.writes });
  }

  follow(limits: HotAccountLimits): void {
    if (limits === this.#limits) return;
    this.#limits = limits;
    this.#reads.ratePerS = limits.readsPerS;
    this.#writes.ratePerS = limits.writesPerS;
  }

  get mode(): HotAccountLimits['mode'] {
    return this.#limits?.mode ?? 'off';
  }

  /** Counts a request for an account. @returns 0 if it is within the limit, else milliseconds after which it will be */
  take(account: string, writes: boolean, nowMs: number): number {
    const waitMs = (writes ? this.#writes : this.#reads).take(account, nowMs);
    if (waitMs === 0 || this.mode === 'on') return waitMs;
    this.#metrics.count('WouldRefuse', { rule: HOT_ACCOUNT });
    return 0;
  }
}
