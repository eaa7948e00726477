/** How calls are counted against a limit: pure functions, which the store runs in one step on its own clock. */
import type { FlowRule } from '../../../core';
import { counter } from './counter';
import type { Algorithm } from './decision';
import { leakyBucket } from './leaky-bucket';
import { slidingWindow } from './sliding-window';
import { tokenBucket } from './token-bucket';
import { warmUpBucket } from './warm-up';

export { type CounterState, counter } from './counter';
export type { Algorithm, Ask, Decision } from './decision';
export { type LeakyBucketState, leakyBucket } from './leaky-bucket';
export { type SlidingWindowState, slidingWindow } from './sliding-window';
export { type TokenBucketState, tokenBucket } from './token-bucket';
export { type WarmUpState, warmUpBucket } from './warm-up';

/** Each algorithm under the name that the store knows it by. */
export const ALGORITHMS = {
  counter,
  'sliding-window': slidingWindow,
  'leaky-bucket': leakyBucket,
  'token-bucket': tokenBucket,
  'warm-up': warmUpBucket,
} as const;
export type AlgorithmName = keyof typeof ALGORITHMS;

export function algorithmNameOf({ algorithm, warmUpS }: Pick<FlowRule, 'algorithm' | 'warmUpS'>): AlgorithmName {
  return algorithm === 'token-bucket' && warmUpS !== undefined ? 'warm-up' : algorithm;
}

/** One of the algorithms, for whoever keeps its state without looking into it. */
export function algorithmNamed(name: AlgorithmName): Algorithm<unknown> {
  return ALGORITHMS[name] as Algorithm<unknown>;
}
