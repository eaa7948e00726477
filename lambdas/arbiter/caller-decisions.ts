import { type Item, number, readNumber, text } from './item';
import type { ItemTable } from './table';

/** How often the registry of callers was changed: whoever knows a lower number may know a caller as it no longer is. */
export interface CallerDecisions {
  /** Strongly consistent; 0 before the first change. */
  callersRevision(): Promise<number>;
  /** To be called after a caller was changed. An attempt whose answer was lost may count twice, which does no harm. */
  raiseCallersRevision(): Promise<number>;
}

const CALLERS_KEY: Item = { key: text('callers') };

export function createCallerDecisions(table: ItemTable): CallerDecisions {
  return {
    async callersRevision() {
      const item = await table.get(CALLERS_KEY, true);
      return item === undefined ? 0 : readNumber(item, 'revision');
    },

    async raiseCallersRevision() {
      return readNumber(
        await table.write(CALLERS_KEY, { update: 'ADD #revision :one', values: { ':one': number(1) } }),
        'revision',
      );
    },
  };
}
