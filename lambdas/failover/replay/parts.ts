import type { DomainName } from '../../../topology';
import type { Arbiter } from '../../arbiter';
import type { Domain } from '../../search';
import type { UnitState } from '../../switches';
import type { ReconcileParts } from '../reconcile';
import type { Absences } from './absences';
import type { ProgressLog } from './progress';

export interface ReplayParts extends Omit<ReconcileParts, 'arbiter'> {
  readonly arbiter: Pick<Arbiter, 'claims' | 'journal' | 'lost' | 'audit' | 'replays' | 'decisions' | 'observations'>;
  readonly domains: Readonly<Record<DomainName, Domain>>;
}

/** One run of the replay of a unit's epoch. */
export interface Run {
  readonly unitName: string;
  readonly unit: UnitState;
  readonly progress: ProgressLog;
  readonly absences: Absences;
}
