/** How long a fence keeps older values out. It outlives every read that began before it. */
export const FENCE_LIFE_MS = 120_000;

/**
 * A copy that may lag further behind its writer than this is never filled: a fence raised when the writer committed
 * is then certain to outlive the fill of whoever read before that commit arrived.
 */
export const MOST_BEHIND_MS = FENCE_LIFE_MS / 2;

/** How long one filler keeps the others waiting; a fill after that is refused. */
export const LEASE_LIFE_MS = 3000;

/** How long a write may keep a key from being filled, if it never comes back to fence it. */
export const MARK_LIFE_MS = 2000;

/**
 * How long an operation is remembered whose end a cache was not told: until a unit that was lost is failed over, even where
 * people decide about that.
 */
export const IN_FLIGHT_LIFE_MS = 24 * 3_600_000;

/** How long a value is kept, before jitter. */
export const VALUE_LIFE_MS = 600_000;
const JITTER = 0.1;

/** Values filled together must not expire together. */
export function jittered(lifeMs: number, random: () => number): number {
  return Math.max(1, Math.round(lifeMs * (1 - JITTER + 2 * JITTER * random())));
}

/** What a cache is owed is of no use once every value that it could concern has expired. */
export const OWED_LIFE_MS = VALUE_LIFE_MS * (1 + JITTER) + FENCE_LIFE_MS;
