import { randomUUID } from 'node:crypto';
import { REGIONS, type Region, UNITS } from '../../topology';
import { type Item, number, readNumber, readOneOf, readText, text } from './item';
import type { ItemTable } from './table';

/** What a region said last. `count` rises with every report, so that silence is seen without comparing clocks. */
export interface StoredReport {
  readonly region: Region;
  readonly count: number;
  readonly reach: unknown;
}

/** What a controller wrote down; `revision` 0 before it ever did. */
export interface StoredMemory {
  readonly revision: number;
  readonly memory: unknown;
}

/**
 * What the regions observe, and what the controllers make of it; both JSON, which this room does not look into. All
 * reads are strongly consistent. Every call throws Problem UNAVAILABLE where the arbiter does not answer.
 */
export interface Observations {
  report(region: Region, reach: unknown): Promise<void>;
  reports(): Promise<StoredReport[]>;
  memory(region: Region): Promise<StoredMemory>;
  /** False if another controller of this region has written since `revision` was read. */
  remember(region: Region, { revision, memory }: StoredMemory): Promise<boolean>;
  /** Counts a sign of life of whoever carries a unit's transition on. */
  showLife(unit: string): Promise<void>;
  /** Signs of life so far, by unit. */
  signsOfLife(): Promise<ReadonlyMap<string, number>>;
}

const reportKey = (region: Region): Item => ({ key: text(`report#${region}`) });
const lifeKey = (unit: string): Item => ({ key: text(`transition#${unit}`) });
const memoryKey = (region: Region): Item => ({ key: text(`controller#${region}`) });

/** @param table of decisions */
export function createObservations(table: ItemTable): Observations {
  return {
    async report(region, reach) {
      await table.write(reportKey(region), {
        update: 'SET #region = :region, #reach = :reach ADD #count :one',
        values: { ':region': text(region), ':reach': text(JSON.stringify(reach)), ':one': number(1) },
      });
    },

    async reports() {
      const items = await table.getMany(REGIONS.map(reportKey), true);
      return items.map((item) => ({
        region: readOneOf(item, 'region', REGIONS),
        count: readNumber(item, 'count'),
        reach: JSON.parse(readText(item, 'reach')) as unknown,
      }));
    },

    async memory(region) {
      const item = await table.get(memoryKey(region), true);
      if (item === undefined) return { revision: 0, memory: undefined };
      return { revision: readNumber(item, 'revision'), memory: JSON.parse(readText(item, 'memory')) as unknown };
    },

    async remember(region, { revision, memory }) {
      // Of two who look at once, both may write the same.
      const by = randomUUID();
      const outcome = await table.update(memoryKey(region), {
        update: 'SET #memory = :memory, #revision = :next, #by = :by',
        condition: 'attribute_not_exists(#key) OR #revision = :revision',
        values: {
          ':memory': text(JSON.stringify(memory)),
          ':by': text(by),
          ':next': number(revision + 1),
          ':revision': number(revision),
        },
      });
      if (outcome.applied) return true;
      // An earlier attempt may have gone through, and only its answer was lost: nobody else would do what was written down.
      return outcome.present?.by?.S === by;
    },

    async showLife(unit) {
      const values = { ':unit': text(unit), ':one': number(1) };
      await table.write(lifeKey(unit), { update: 'SET #unit = :unit ADD #count :one', values });
    },

    async signsOfLife() {
      const keys = UNITS.map(({ name }) => lifeKey(name));
      const items = await table.getMany(keys, true);
      return new Map(items.map((item) => [readText(item, 'unit'), readNumber(item, 'count')]));
    },
  };
}
