import type { MemberEvent } from '../core';
import type { Target } from '../sync';
import type { Environment } from './environment';

/**
 * Measures how late events are in a target: from their write to what the target made of them. One that comes a second time, from
 * the dead letters or after a failover, is as late as it is.
 */
export function measuringLag({ metrics, clock }: Pick<Environment, 'metrics' | 'clock'>, apply: Target): Target {
  return async (events) => {
    const outcomes = await apply(events);
    const nowMs = clock.nowMs();
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.ok) metrics.time('SyncLag', nowMs - writtenAtMs(events[index]));
    }
    return outcomes;
  };
}

function writtenAtMs(event: MemberEvent | undefined): number {
  return Date.parse(event?.document.updatedAt ?? '');
}
