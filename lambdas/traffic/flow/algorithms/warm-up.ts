import type { Limit } from '../limit';
import { type Algorithm, decision } from './decision';

/** From cold to warm in so many steps. */
const STEPS = 10;
/** Of the whole rate, in thirtieths: a third when cold, and two more with each step. */
const WHOLE = 30;
const LESS_EACH_STEP = 2;

/** A bucket whose units are thirtieths of a token bucket's. */
export interface WarmUpState {
  readonly units: number;
  /** How long it would have to be used until it is warm; `warmUpUs` when it is cold. */
  readonly coldUs: number;
  readonly atUs: number;
  readonly windowUs: number;
}

type Warmth = Pick<WarmUpState, 'units' | 'coldUs'>;

/**
 * A token bucket for what must not be given its whole load at once. It begins with a third of its size and its rate, and
 * both grow to the whole while it is used, which is while it is not full; while it is full it cools as long again. The
 * factor of three is that of Guava's `SmoothWarmingUp` and Sentinel's `WarmUpController`; growth in steps keeps the numbers whole.
 */
export const warmUpBucket: Algorithm<WarmUpState> = (limit, state, { nowUs, wanted }) => {
  const { calls, windowUs, warmUpUs } = limit;
  const token = windowUs * WHOLE;
  const begun = state === undefined ? { units: sizeAt(limit, warmUpUs), coldUs: warmUpUs } : inUnitsOf(state, limit);
  const { units, coldUs } = after(nowUs - (state?.atUs ?? nowUs), begun, limit);
  const granted = Math.min(wanted, Math.floor(units / token));
  const left = units - granted * token;
  return decision(
    { units: left, coldUs, atUs: nowUs, windowUs },
    { granted, retryAfterUs: Math.max(1, Math.ceil((token - left) / (calls * partAt(limit, coldUs)))) },
  );
};

/** A rule may be changed. */
function inUnitsOf({ units, coldUs, windowUs }: WarmUpState, limit: Limit): Warmth {
  const kept = windowUs === limit.windowUs ? units : Math.floor((units / windowUs) * limit.windowUs);
  return { units: kept, coldUs: Math.min(coldUs, limit.warmUpUs) };
}

/** What becomes of it in so long, one stretch after another in which nothing changes. */
function after(durationUs: number, { units, coldUs }: Warmth, limit: Limit): Warmth {
  const stepUs = limit.warmUpUs / STEPS;
  let [leftUs, now, cold] = [durationUs, Math.min(units, sizeAt(limit, coldUs)), coldUs];
  while (leftUs > 0 && now < sizeAt(limit, cold)) {
    const speed = limit.calls * partAt(limit, cold);
    const fillUs = Math.ceil((sizeAt(limit, cold) - now) / speed);
    const warmUs = cold === 0 ? leftUs : cold - (Math.ceil(cold / stepUs) - 1) * stepUs;
    const stretchUs = Math.min(leftUs, fillUs, warmUs);
    now = Math.min(sizeAt(limit, cold), now + stretchUs * speed);
    cold = Math.max(0, cold - stretchUs);
    leftUs -= stretchUs;
  }
  cold = Math.min(limit.warmUpUs, cold + leftUs);
  return { units: Math.min(now, sizeAt(limit, cold)), coldUs: cold };
}

function partAt({ warmUpUs }: Limit, coldUs: number): number {
  return WHOLE - LESS_EACH_STEP * Math.ceil((coldUs * STEPS) / warmUpUs);
}

/** One token at least: a bucket that holds none would never be used, and never warm up. */
function sizeAt(limit: Limit, coldUs: number): number {
  return limit.windowUs * Math.max(WHOLE, limit.calls * partAt(limit, coldUs));
}
