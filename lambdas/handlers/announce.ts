import type { UnitDecision } from '../arbiter';
import type { Log } from '../core';
import type { Keeper } from '../switches';

/**
 * Tells of a step of a unit: requests go by the snapshot; what operators see goes by the unit once it has arrived. They see it
 * whether or not a cache can be told.
 *
 * @returns what tells of it; it throws where the snapshot could not be laid into a cache
 */
export function announceOf(parts: {
  readonly publish: () => Promise<void>;
  readonly keeper: Pick<Keeper, 'reached'>;
  readonly log: Log;
}): (decision: UnitDecision) => Promise<void> {
  const { publish, keeper, log } = parts;

  async function record(unit: string): Promise<void> {
    const because = `Unit ${unit} has got there.`;
    await keeper
      .reached(unit, { actor: 'failover', because })
      .catch((error: Error) => log.warn('what a unit has reached is recorded by the next check', { unit, error }));
  }

  return async ({ unit, transition }) => {
    // Together: a failure that nobody waits for yet would end the whole environment.
    const [published] = await Promise.allSettled([publish(), transition === undefined ? record(unit) : undefined]);
    if (published.status === 'rejected') throw published.reason;
  };
}
