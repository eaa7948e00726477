import type { Log, Metrics } from '../core';
import type { BreakerChange } from './breaker';

/** Who is told of what becomes of a dependency; undefined where nobody looks. */
export interface Watch {
  readonly log?: Log | undefined;
  readonly metrics?: Metrics | undefined;
}

/** @param dependency names it in the log and in metrics: one of few */
export function tellBreaker({ log, metrics }: Watch, dependency: string): (change: BreakerChange) => void {
  return ({ state, by }) => {
    metrics?.count('BreakerChanges', { dependency, state, rule: by });
    if (state === 'closed') log?.info('a dependency is asked again', { dependency });
    else log?.warn('a dependency is left alone', { dependency, state, by });
  };
}
