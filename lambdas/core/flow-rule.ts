import type { Operation, TrafficClass } from '../../topology';

/** How a rule counts; `lambdas/traffic/flow` has what each of them means. */
export const FLOW_ALGORITHMS = ['counter', 'sliding-window', 'leaky-bucket', 'token-bucket'] as const;
export type FlowAlgorithm = (typeof FLOW_ALGORITHMS)[number];

/** Which calls: those that have everything that is named; all of them where nothing is. */
export interface FlowMatch {
  readonly caller?: string | undefined;
  readonly class?: TrafficClass | undefined;
  readonly operation?: Operation | undefined;
}

/** A limit for the calls that it matches, together, in both regions. It stands in `traffic/rules`, or with its caller. */
export interface FlowRule {
  readonly id: string;
  /** A rule that stands with its caller names no other one. */
  readonly match: FlowMatch;
  readonly algorithm: FlowAlgorithm;
  readonly ratePerS: number;
  /** Most calls that may come at once; by default those of a second, one at least. */
  readonly burst?: number | undefined;
  /** Of a token bucket: how long it takes, under use, from a third of the rate to the whole. */
  readonly warmUpS?: number | undefined;
  /** `dry-run`: what it would refuse is only counted. */
  readonly mode: 'off' | 'dry-run' | 'on';
}

/** Calls that are refused whatever their number. */
export interface Denial {
  readonly match: FlowMatch;
  readonly reason: string;
}

export function burstOf({ ratePerS, burst }: Pick<FlowRule, 'ratePerS' | 'burst'>): number {
  return burst ?? Math.max(1, Math.ceil(ratePerS));
}
