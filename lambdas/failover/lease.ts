/** While units are promoted automatically a lease is short: it has to end before the other side is promoted. */
export const AUTOMATIC_GRANT_MS = 10_000;
/** While nobody promotes by itself, writes survive the loss of the arbiter for an hour. */
export const MANUAL_GRANT_MS = 3_600_000;

/**
 * What is recorded of a renewal. A lease never becomes shorter, so after the switch went from `off` to `on` it may run
 * on for much longer than the grant: whoever waits it out has to know that.
 */
export function recordedGrantMs(grant: number, leftMs: readonly number[]): number {
  return Math.max(grant, ...leftMs);
}

/** How long a lease is granted, by the strongly read value of the switch `failover/auto`. */
export function grantMs(auto: unknown): number {
  return auto === 'off' ? MANUAL_GRANT_MS : AUTOMATIC_GRANT_MS;
}
