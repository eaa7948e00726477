import type { OverloadFigures, ServiceUnderStorm, Storm } from '../figures';
import { percentilesOfAll } from '../load/latency';
import type { ClassFigures } from './storm';

/** Requests a second that were answered well and in time, of all classes. */
export function goodputPerS({ classes, seconds }: Storm): number {
  return Object.values(classes).reduce((sum, { good }) => sum + good, 0) / seconds;
}

/** Goodput under a storm, as a share of the most that was reached under any. */
export function goodputShare(service: ServiceUnderStorm, times: number): number | undefined {
  const found = service.storms.find((storm) => storm.times === times);
  return found === undefined ? undefined : goodputPerS(found) / Math.max(...service.storms.map(goodputPerS));
}

/** Share of class order that was answered well and in time under a storm. */
export function orderSuccess({ storms }: ServiceUnderStorm, times: number): number | undefined {
  const order = storms.find((storm) => storm.times === times)?.classes.order;
  return order === undefined ? undefined : order.good / order.offered;
}

/** By how much class order becomes slower while marketing asks for ten times as much: 0.1 is a tenth. */
export function orderGrowth({ beside: { calm, stormy } }: OverloadFigures): number {
  const p99 = (figures: readonly ClassFigures[]) => percentilesOfAll(figures.map(({ served }) => served)).p99;
  return p99(stormy) / p99(calm) - 1;
}
