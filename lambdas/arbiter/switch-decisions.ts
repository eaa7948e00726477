import { SWITCHES } from '../../topology';
import { type Item, number, readNumber, readText, text } from './item';
import type { ItemUpdate } from './requests';
import type { ItemTable } from './table';

/** The value of a switch that was accepted last; revisions begin at 1 and rise with every accepted value. */
export interface AcceptedSwitch {
  readonly name: string;
  readonly value: unknown;
  readonly revision: number;
}

/** What is decided of switches. All reads are strongly consistent; every call throws Problem UNAVAILABLE. */
export interface SwitchDecisions {
  /** Of all switches of the topology that have an accepted value. */
  acceptedSwitches(): Promise<AcceptedSwitch[]>;
  acceptedSwitch(name: string): Promise<AcceptedSwitch | undefined>;
  /** Accepts the value as revision 1 if the switch has none yet. */
  seedSwitch(name: string, value: unknown): Promise<void>;
}

const switchKey = (name: string): Item => ({ key: text(`switch#${name}`) });

export function seedUpdate(name: string, value: unknown): ItemUpdate {
  return {
    update: 'SET #name = :name, #value = :value, #revision = :first',
    condition: 'attribute_not_exists(#key)',
    values: { ':name': text(name), ':value': text(JSON.stringify(value)), ':first': number(1) },
  };
}

function switchOf(item: Item): AcceptedSwitch {
  return {
    name: readText(item, 'name'),
    value: JSON.parse(readText(item, 'value')) as unknown,
    revision: readNumber(item, 'revision'),
  };
}

export function createSwitchDecisions(table: ItemTable): SwitchDecisions {
  return {
    async acceptedSwitches() {
      const items = await table.getMany(
        SWITCHES.map(({ name }) => switchKey(name)),
        true,
      );
      return items.map(switchOf);
    },

    async acceptedSwitch(name) {
      const item = await table.get(switchKey(name), true);
      return item === undefined ? undefined : switchOf(item);
    },

    async seedSwitch(name, value) {
      await table.update(switchKey(name), seedUpdate(name, value));
    },
  };
}
