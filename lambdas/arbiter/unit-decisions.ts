import { REGIONS, type Region, UNITS } from '../../topology';
import { type Item, number, readNumber, readOneOf, readText, text } from './item';
import type { ItemUpdate, ItemWrite } from './requests';
import type { ItemTable } from './table';

const UNIT_MODES = ['database', 'read-only', 'fallback'] as const;
export type UnitMode = (typeof UNIT_MODES)[number];

/** Who writes a unit, and under which epoch. */
export interface UnitDecision {
  readonly unit: string;
  readonly epoch: number;
  readonly writer: Region;
  readonly mode: UnitMode;
  /** How often the writer's lease was renewed under this epoch. */
  readonly renewals: number;
  /** Length of the lease that was granted last, 0 before the first. */
  readonly grantedMs: number;
}

/** What is decided of units. All reads are strongly consistent; every call throws Problem UNAVAILABLE. */
export interface UnitDecisions {
  unit(unit: string): Promise<UnitDecision | undefined>;
  /** The decisions of all units that have one, in the order of the topology. */
  units(): Promise<UnitDecision[]>;
  /** The unit's first decision, under a new epoch, if it has none. Returns the decision that stands. */
  foundUnit(unit: string, writer: Region): Promise<UnitDecision>;
  /** Counts a renewal of the writer's lease and records its length. False if someone has decided otherwise since. */
  renew(unit: string, condition: { epoch: number; writer: Region }, grantedMs: number): Promise<boolean>;
}

/** The one counter that all units draw their epochs from; an epoch is never drawn twice, some are never used. */
export const EPOCH_COUNTER_KEY: Item = { key: text('epochs') };

const unitKey = (unit: string): Item => ({ key: text(`unit#${unit}`) });

const DRAW_EPOCH: ItemWrite = { update: 'ADD #drawn :one', values: { ':one': number(1) } };

export function foundingUpdate(unit: string, writer: Region, epoch: number): ItemUpdate {
  return {
    update:
      'SET #unit = :unit, #epoch = :epoch, #writer = :writer, #mode = :mode, #renewals = :none, #grantedMs = :none',
    condition: 'attribute_not_exists(#key)',
    values: {
      ':unit': text(unit),
      ':epoch': number(epoch),
      ':writer': text(writer),
      ':mode': text('database'),
      ':none': number(0),
    },
  };
}

export function renewalUpdate(condition: { epoch: number; writer: Region }, grantedMs: number): ItemUpdate {
  return {
    update: 'SET #grantedMs = :grantedMs ADD #renewals :one',
    condition: '#epoch = :epoch AND #writer = :writer',
    values: {
      ':grantedMs': number(grantedMs),
      ':one': number(1),
      ':epoch': number(condition.epoch),
      ':writer': text(condition.writer),
    },
  };
}

function decisionOf(item: Item): UnitDecision {
  return {
    unit: readText(item, 'unit'),
    epoch: readNumber(item, 'epoch'),
    writer: readOneOf(item, 'writer', REGIONS),
    mode: readOneOf(item, 'mode', UNIT_MODES),
    renewals: readNumber(item, 'renewals'),
    grantedMs: readNumber(item, 'grantedMs'),
  };
}

export function createUnitDecisions(table: ItemTable): UnitDecisions {
  async function unit(name: string): Promise<UnitDecision | undefined> {
    const item = await table.get(unitKey(name), true);
    return item === undefined ? undefined : decisionOf(item);
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

    async foundUnit(name, writer) {
      const standing = await unit(name);
      if (standing !== undefined) return standing;
      const epoch = readNumber(await table.write(EPOCH_COUNTER_KEY, DRAW_EPOCH), 'drawn');
      const outcome = await table.update(unitKey(name), foundingUpdate(name, writer, epoch));
      return decisionOf((outcome.applied ? outcome.item : outcome.present) ?? {});
    },

    async renew(name, condition, grantedMs) {
      return (await table.update(unitKey(name), renewalUpdate(condition, grantedMs))).applied;
    },
  };
}
