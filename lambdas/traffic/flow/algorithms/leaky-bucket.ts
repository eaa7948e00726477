import { type Algorithm, decision } from './decision';

/** One call is `windowUs` units, and `calls` units leave in a microsecond: whole numbers, however odd the rate. */
export interface LeakyBucketState {
  /** Calls whose turn has not come, and what is left of the pace of the last one. */
  readonly backlog: number;
  readonly atUs: number;
  /** The window by which the units were counted: a rule may be changed. */
  readonly windowUs: number;
}

/**
 * A queue that lets calls go on one at a time, at an even pace, and holds `calls` of them. A call is refused at once if the
 * queue is full, or if its turn would come later than it can wait.
 */
export const leakyBucket: Algorithm<LeakyBucketState> = ({ calls, windowUs }, state, { nowUs, wanted, mostWaitUs }) => {
  const kept = state === undefined ? 0 : inUnitsOf(state, windowUs);
  const sinceUs = Math.min(windowUs, nowUs - (state?.atUs ?? nowUs));
  const backlog = Math.max(0, kept - sinceUs * calls);
  // The last of them may be behind all units but its own, and behind so many that they leave while it waits.
  const most = Math.min((calls - 1) * windowUs, Math.min(mostWaitUs, windowUs) * calls);
  const granted = Math.max(0, Math.min(wanted, Math.floor((most - backlog) / windowUs) + 1));
  return decision(
    { backlog: backlog + granted * windowUs, atUs: nowUs, windowUs },
    { granted, waitUs: Math.ceil(backlog / calls), retryAfterUs: Math.max(1, Math.ceil((backlog - most) / calls)) },
  );
};

function inUnitsOf(state: LeakyBucketState, windowUs: number): number {
  return state.windowUs === windowUs ? state.backlog : Math.ceil((state.backlog / state.windowUs) * windowUs);
}
