import type { Take, Taken } from '../traffic';
import { limitKey, limitPartsKey } from './keys';
import type { LIMIT_FUNCTIONS } from './limit-functions';

/** Which function runs an algorithm. */
export const COMMAND_OF = {
  counter: 'takeCounter',
  'sliding-window': 'takeSlidingWindow',
  'leaky-bucket': 'takeLeakyBucket',
  'token-bucket': 'takeTokenBucket',
  'warm-up': 'takeWarmUp',
} as const satisfies Record<Take['algorithm'], keyof typeof LIMIT_FUNCTIONS>;

/** Keys and arguments of the function, in its order. */
export function argumentsOf({ key, algorithm, limit, wanted, mostWaitUs, sighting }: Take): (string | number)[] {
  // Another algorithm keeps another state.
  const name = `${algorithm}:${key}`;
  const { calls, windowUs, warmUpUs } = limit;
  const seen = sighting === undefined ? [''] : [sighting.bornUs, sighting.seenUs, sighting.leastUs, sighting.mostUs];
  return [limitKey(name), limitPartsKey(name), calls, windowUs, warmUpUs, wanted, mostWaitUs, ...seen];
}

export function takenOf([
  granted = 0,
  waitUs = 0,
  retryAfterUs = 0,
  goodForUs = -1,
  bornUs = 0,
  nowUs = 0,
]: readonly number[]): Taken {
  return {
    granted,
    waitUs,
    retryAfterUs,
    goodForUs: goodForUs < 0 ? Number.POSITIVE_INFINITY : goodForUs,
    bornUs,
    nowUs,
  };
}
