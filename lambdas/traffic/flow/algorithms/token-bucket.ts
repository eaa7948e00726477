import { type Algorithm, decision } from './decision';

/** One token is `windowUs` units, and `calls` units come in a microsecond: whole numbers, however odd the rate. */
export interface TokenBucketState {
  readonly units: number;
  readonly atUs: number;
  /** The window by which the units were counted: a rule may be changed. */
  readonly windowUs: number;
}

/** A bucket of `calls` tokens, full at first, into which so many drip within a window. Each call takes one. */
export const tokenBucket: Algorithm<TokenBucketState> = ({ calls, windowUs }, state, { nowUs, wanted }) => {
  const full = calls * windowUs;
  const kept = state === undefined ? full : inUnitsOf(state, windowUs);
  const sinceUs = Math.min(windowUs, nowUs - (state?.atUs ?? nowUs));
  const units = Math.min(full, kept + sinceUs * calls);
  const granted = Math.min(wanted, Math.floor(units / windowUs));
  const left = units - granted * windowUs;
  return decision(
    { units: left, atUs: nowUs, windowUs },
    { granted, retryAfterUs: Math.ceil((windowUs - left) / calls) },
  );
};

function inUnitsOf(state: TokenBucketState, windowUs: number): number {
  return state.windowUs === windowUs ? state.units : Math.floor((state.units / state.windowUs) * windowUs);
}
