import { burstOf, type FlowRule } from '../../core';

/**
 * How many calls in how long; what that means exactly is the algorithm's. Both are whole numbers, and what is summed of
 * them stays below 2^53, so that every sum is exact, in Lua too.
 */
export interface Limit {
  /** Most calls at once. */
  readonly calls: number;
  /** How long it takes for so many to come back. */
  readonly windowUs: number;
  /** Of a token bucket: how long it takes, under use, from a third of the rate to the whole; 0 for none. */
  readonly warmUpUs: number;
}

const US_PER_S = 1_000_000;

export function limitOf(rule: Pick<FlowRule, 'ratePerS' | 'burst' | 'warmUpS'>): Limit {
  const calls = burstOf(rule);
  const windowUs = Math.round((calls / rule.ratePerS) * US_PER_S);
  return { calls, windowUs, warmUpUs: (rule.warmUpS ?? 0) * US_PER_S };
}
