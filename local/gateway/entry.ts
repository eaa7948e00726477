import { systemClock } from '../../lambdas/core';
import { ConcurrencyLimit, type Place } from '../../lambdas/resilience';
import type { EntryRule, TrafficClass } from '../../topology';

/**
 * How many requests of a class are under way in one process. In AWS each class has machines of its own; here all of them share
 * one thread and two cores, and what all wait for stands behind no dependency. The class with the lower target gives way.
 * None may take all that its function has in reserve: the other region's forwarded requests, and who asks for `/health`, come besides.
 */
const PLACES: Readonly<Record<TrafficClass, Place>> = {
  order: { settings: { floor: 64, ceiling: 192, targetMs: 400 }, waitMs: 500 },
  marketing: { settings: { floor: 4, ceiling: 48, targetMs: 50 }, waitMs: 150 },
  other: { settings: { floor: 8, ceiling: 96, targetMs: 100 }, waitMs: 300 },
};

/** As limits stand in refusals. */
const RULE = 'limit/requests' satisfies EntryRule;
const NAME = RULE.slice('limit/'.length);

export function openEntry(trafficClass: TrafficClass): ConcurrencyLimit {
  return new ConcurrencyLimit({ name: NAME, ...PLACES[trafficClass], clock: systemClock });
}
