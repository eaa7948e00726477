/** Who is told when something is lost: every alarm of a region, by what it tells of. */
import type { RegionStack } from '../constructs/region-stack';
import type { AlarmDefinition } from './definition';
import { eventAlarms, switchAlarms } from './events';
import { apiAlarms, entryAlarms, regionAlarms } from './functions';
import { lineAlarms } from './lines';
import { arbiterAlarms, cacheAlarms, databaseAlarms, searchAlarms } from './stores';

export * from './definition';
export { LINES } from './lines';

export function alarmsOf(stack: RegionStack): AlarmDefinition[] {
  return [
    searchAlarms,
    cacheAlarms,
    databaseAlarms,
    regionAlarms,
    eventAlarms,
    switchAlarms,
    arbiterAlarms,
    apiAlarms,
    entryAlarms,
    lineAlarms,
  ].flatMap((alarms) => alarms(stack));
}
