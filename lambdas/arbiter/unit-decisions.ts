import { isDeepStrictEqual } from 'node:util';
import { type Region, UNITS } from '../../topology';
import { type Item, number, readNumber, text } from './item';
import type { ItemWrite } from './requests';
import type { ItemTable } from './table';
import {
  decisionOf,
  foundingUpdate,
  type RenewalCondition,
  renewalUpdate,
  replacement,
  type UnitDecision,
  unitKey,
} from './unit-decision';

/** What is decided of units. All reads are strongly consistent; every call throws Problem UNAVAILABLE. */
export interface UnitDecisions {
  unit(unit: string): Promise<UnitDecision | undefined>;
  /** The decisions of all units that have one, in the order of the topology. */
  units(): Promise<UnitDecision[]>;
  /** An epoch that no unit has had, above all that were drawn before. */
  drawEpoch(): Promise<number>;
  /** The unit's first decision, under a new epoch, if it has none. Returns the decision that stands. */
  foundUnit(unit: string, writer: Region): Promise<UnitDecision>;
  /**
   * Counts a renewal of the writer's lease and records how long leases of this epoch may run from now on. False if
   * someone has decided otherwise since, or if that became less while others renewed.
   */
  renew(unit: string, condition: RenewalCondition, grantedMs: number): Promise<boolean>;
  /** Puts a decision in the place of the one that was seen. False if that stands no more. */
  replaceUnit(seen: UnitDecision, next: UnitDecision): Promise<boolean>;
}

/** The one counter that all units draw their epochs from; an epoch is never drawn twice, some are never used. */
export const EPOCH_COUNTER_KEY: Item = { key: text('epochs') };

const DRAW_EPOCH: ItemWrite = { update: 'ADD #drawn :one', values: { ':one': number(1) } };

export function createUnitDecisions(table: ItemTable): UnitDecisions {
  async function unit(name: string): Promise<UnitDecision | undefined> {
    const item = await table.get(unitKey(name), true);
    return item === undefined ? undefined : decisionOf(item);
  }

  async function drawEpoch(): Promise<number> {
    return readNumber(await table.write(EPOCH_COUNTER_KEY, DRAW_EPOCH), 'drawn');
  }

  return {
    unit,

    async units() {
      const decisions = (
        await table.getMany(
          UNITS.map(({ name }) => unitKey(name)),
          true,
        )
      ).map(decisionOf);
      return UNITS.flatMap(({ name }) => decisions.filter((decision) => decision.unit === name));
    },

    drawEpoch,

    async foundUnit(name, writer) {
      const standing = await unit(name);
      if (standing !== undefined) return standing;
      const outcome = await table.update(unitKey(name), foundingUpdate(name, writer, await drawEpoch()));
      return decisionOf((outcome.applied ? outcome.item : outcome.present) ?? {});
    },

    async renew(name, condition, grantedMs) {
      return (await table.update(unitKey(name), renewalUpdate(condition, grantedMs))).applied;
    },

    async replaceUnit(seen, next) {
      const outcome = await table.update(unitKey(seen.unit), replacement(seen, next));
      if (outcome.applied) return true;
      // The answer of an attempt that applied may have been lost.
      return outcome.present !== undefined && isDeepStrictEqual(decisionOf(outcome.present), next);
    },
  };
}
