import { type MemberEvent, unavailable } from '../../core';
import type { UnitState } from '../../switches';
import { type Reconciled, type ReconcileParts, settleCandidate } from './apply';

export { type Candidate, type Reconciled, type ReconcileParts, settleCandidate, UNKNOWN_VERSION } from './apply';
export { dropClaim, leadRow } from './change-row';
export { countSettled, type FoundParts, type Settled, settleFound } from './found';

/** Settles events of older epochs as they arrive, under the lease of their unit. */
export function reconcileEvent(parts: ReconcileParts): (event: MemberEvent, unit: UnitState) => Promise<Reconciled> {
  return async (event, unit) => {
    // A unit that is moving is decided about by its replay; what is still missing then comes again.
    if (unit.mode !== 'database') throw unavailable(`unit ${event.unit} takes no writes`);
    return settleCandidate(parts, { document: event.document, event }, { unit, needsLease: true });
  };
}
