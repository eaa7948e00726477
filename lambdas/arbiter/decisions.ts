import { type CallerDecisions, createCallerDecisions } from './caller-decisions';
import { createDomainDecisions, type DomainDecisions } from './domain-decisions';
import { createSwitchDecisions, type SwitchDecisions } from './switch-decisions';
import type { ItemTable } from './table';
import { createUnitDecisions, type UnitDecisions } from './unit-decisions';

/** All reads are strongly consistent. Every call throws Problem UNAVAILABLE where the arbiter does not answer. */
export interface Decisions extends UnitDecisions, SwitchDecisions, DomainDecisions, CallerDecisions {}

export function createDecisions(table: ItemTable): Decisions {
  return {
    ...createUnitDecisions(table),
    ...createSwitchDecisions(table),
    ...createDomainDecisions(table),
    ...createCallerDecisions(table),
  };
}
