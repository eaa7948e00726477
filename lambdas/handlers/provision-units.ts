import type { UnitDecision } from '../arbiter';
import type { Log } from '../core';

/**
 * Has made what the databases of units hold. Those of a unit that is being moved may take nothing now; it has what it had
 * when the move began, and gets what is new from the next run.
 * @returns how many units were provisioned
 * @throws what `provision` throws for a unit that stays where it is
 */
export async function provisionUnits(
  decisions: readonly UnitDecision[],
  provision: (unit: { name: string; epoch: number; writer: UnitDecision['writer'] }) => Promise<void>,
  log: Log,
): Promise<number> {
  let provisioned = 0;
  for (const { unit, epoch, writer, transition } of decisions) {
    try {
      await provision({ name: unit, epoch, writer });
      provisioned += 1;
    } catch (error) {
      if (transition === undefined) throw error;
      log.warn('a unit that is being moved is not provisioned', { unit, step: transition.step, error: error as Error });
    }
  }
  return provisioned;
}
