import type { TrafficClass } from './traffic-classes';

/** What the callers of a class may count on, over thirty days. */
export interface ServiceLevel {
  /** Part of the requests that get an answer that is no 5xx. */
  readonly availability: number;
  /** Part of the requests that are answered within so long, as the entry sees it. */
  readonly latency: { readonly withinMs: number; readonly part: number };
}

/** `order` is the last to suffer, and promises most. `marketing` may be shed, which is a 503 like any other. */
export const SERVICE_LEVELS: Readonly<Record<TrafficClass, ServiceLevel>> = {
  order: { availability: 0.9999, latency: { withinMs: 250, part: 0.999 } },
  marketing: { availability: 0.995, latency: { withinMs: 1000, part: 0.99 } },
  other: { availability: 0.999, latency: { withinMs: 1000, part: 0.995 } },
};

/** What a service level promises of. */
export const INDICATORS = ['availability', 'latency'] as const;
export type Indicator = (typeof INDICATORS)[number];

/** Part of the requests that may miss a promise. */
export function errorBudget(level: ServiceLevel, indicator: Indicator): number {
  return 1 - (indicator === 'availability' ? level.availability : level.latency.part);
}

export interface BurnRate {
  /** Somebody is called at once, or sees to it in the next days. */
  readonly urgency: 'page' | 'ticket';
  /** Over how long the budget is burnt, and the shorter time that shows that it still is. */
  readonly longMinutes: number;
  readonly shortMinutes: number;
  /** How many times faster than would use the budget up in just thirty days. */
  readonly factor: number;
}

/**
 * Several windows and rates, after chapter 5 of the Site Reliability Workbook (Google, 2018), "Alerting on SLOs": 2 % of the budget within
 * an hour, 5 % within six, 10 % within a day (the book has three days, which is longer than CloudWatch adds up in one period).
 * The short window, a twelfth of the long one, ends the alarm soon after the trouble.
 */
export const BURN_RATES: readonly BurnRate[] = [
  { urgency: 'page', longMinutes: 60, shortMinutes: 5, factor: 14.4 },
  { urgency: 'page', longMinutes: 360, shortMinutes: 30, factor: 6 },
  { urgency: 'ticket', longMinutes: 1440, shortMinutes: 120, factor: 3 },
];

/** Where few requests come, one that fails is a large part of them: fewer than this many in the long window call nobody. */
export const LEAST_MISSES = 5;
