import type { Clock } from '../../core';
import { FrequentKeys } from './frequent';

/** What all environments of a region count together. */
export interface SharedTally {
  /**
   * Adds what this environment was asked for an account in a second, and tells what all of them were, lately: 0 where that
   * is not known. Times are of the tally's own clock.
   */
  exchange(ratesPerS: readonly (readonly [account: string, ratePerS: number])[]): Promise<readonly number[]>;
}

const WINDOW_MS = 1000;
const MS_PER_S = 1000;
/** Accounts that are counted in one window. */
const MOST_COUNTED = 1000;
/** Accounts of a window that the others hear of; what is asked for less often here is not worth telling. */
const MOST_TOLD = 16;
const LEAST_TOLD = 2;
/** Environments begin their seconds at different times: what is added up of them may be too high by so much. */
const MARGIN = 1.1;
/** How long an account stays hot after it was last asked for too often, because shares of a second vary. */
const COOLS_DOWN_MS = 3000;
/** Longer names are no accounts, and would be kept in memory. */
const MOST_LETTERS = 300;

/** An account that is asked for more often than it may be. */
interface HotAccount {
  /** This environment's share of the limit. */
  ratePerS: number;
  allowed: number;
  countedAtMs: number;
  hotUntilMs: number;
}

/**
 * Lets no account be asked for more often than `ratePerS`, in this environment and, as far as the tally is heard of, in its
 * region; each environment passes the part of it that it is asked for. An account that stays below the limit is never refused
 * for the sake of another one: counts are never too high.
 */
export class AccountLimit {
  #ratePerS: number;
  readonly #clock: Clock;
  readonly #tally: SharedTally | undefined;
  readonly #asked = new FrequentKeys(MOST_COUNTED);
  readonly #hot = new Map<string, HotAccount>();
  #windowBeganMs: number;

  constructor(ratePerS: number, { clock, tally }: { clock: Clock; tally?: SharedTally | undefined }) {
    this.#ratePerS = ratePerS;
    this.#clock = clock;
    this.#tally = tally;
    this.#windowBeganMs = clock.monotonicMs();
  }

  get ratePerS(): number {
    return this.#ratePerS;
  }

  /** Shares that were heard of the former limit are as large parts of the new one. */
  set ratePerS(ratePerS: number) {
    for (const hot of this.#hot.values()) hot.ratePerS *= ratePerS / this.#ratePerS;
    this.#ratePerS = ratePerS;
  }

  /**
   * Counts a request.
   *
   * @param nowMs on the monotonic clock
   * @returns 0 if it may pass, else whole milliseconds after which it may
   */
  take(account: string, nowMs = this.#clock.monotonicMs()): number {
    if (nowMs - this.#windowBeganMs >= WINDOW_MS) this.#nextWindow(nowMs);
    if (account.length > MOST_LETTERS) return 0;
    const count = this.#asked.add(account);
    const hot = this.#hot.size === 0 ? undefined : this.#hot.get(account);
    if (hot !== undefined) return takeOf(hot, nowMs);
    if (count <= this.ratePerS) return 0;
    // What it may have in this window it has had.
    const endsMs = this.#windowBeganMs + WINDOW_MS;
    this.#heat(account, this.ratePerS, nowMs, endsMs);
    return Math.ceil(endsMs - nowMs);
  }

  /** Accounts that are limited now. */
  get hotAccounts(): readonly string[] {
    return [...this.#hot.keys()];
  }

  #nextWindow(nowMs: number): void {
    const windowS = (nowMs - this.#windowBeganMs) / MS_PER_S;
    const rates = this.#asked
      .top(MOST_TOLD, LEAST_TOLD)
      .map(([account, count]): [string, number] => [account, count / windowS]);
    for (const [account, ratePerS] of rates) {
      // The share that was heard last stands until the next one is heard.
      if (ratePerS > this.ratePerS)
        this.#heat(account, this.#hot.get(account)?.ratePerS ?? this.ratePerS, nowMs, nowMs);
    }
    for (const [account, { hotUntilMs }] of this.#hot) if (nowMs >= hotUntilMs) this.#hot.delete(account);
    this.#asked.clear();
    this.#windowBeganMs = nowMs;
    if (this.#tally !== undefined && rates.length > 0) this.#exchange(this.#tally, rates);
  }

  /** Beside the requests; without the tally each environment goes by what it counts itself. */
  #exchange(tally: SharedTally, rates: readonly (readonly [string, number])[]): void {
    const heard = (totals: readonly number[]): void => {
      const nowMs = this.#clock.monotonicMs();
      rates.forEach(([account, ownPerS], index) => {
        const total = Math.max(ownPerS, totals[index] ?? 0);
        if (total > this.ratePerS * MARGIN) this.#heat(account, (this.ratePerS * ownPerS) / total, nowMs, nowMs);
      });
    };
    tally.exchange(rates).then(heard, () => undefined);
  }

  #heat(account: string, ratePerS: number, nowMs: number, fromMs: number): void {
    const hotUntilMs = nowMs + COOLS_DOWN_MS;
    const hot = this.#hot.get(account);
    if (hot === undefined) this.#hot.set(account, { ratePerS, allowed: 0, countedAtMs: fromMs, hotUntilMs });
    else Object.assign(hot, { ratePerS, hotUntilMs });
  }
}

/** A token bucket that holds what a window of it is worth, one at least. */
function takeOf(hot: HotAccount, nowMs: number): number {
  const passedMs = Math.max(0, nowMs - hot.countedAtMs);
  const most = Math.max(1, (hot.ratePerS * WINDOW_MS) / MS_PER_S);
  hot.allowed = Math.min(most, hot.allowed + (passedMs * hot.ratePerS) / MS_PER_S);
  hot.countedAtMs = Math.max(hot.countedAtMs, nowMs);
  if (hot.allowed >= 1) {
    hot.allowed -= 1;
    return 0;
  }
  const nextMs = Math.ceil(((1 - hot.allowed) * MS_PER_S) / hot.ratePerS + hot.countedAtMs - nowMs);
  return Math.min(COOLS_DOWN_MS, Math.max(1, nextMs));
}
