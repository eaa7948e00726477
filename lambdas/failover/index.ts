/** Beside the requests: keeps each unit's writer entitled to write, and moves a unit to another writer or mode. */
export { type CanaryParts, canaryOf, sing } from './canary';
export { type CensusOptions, type CensusParts, type CensusTally, type StaleEntry, takeCensus } from './census';
export { type ClusterState, type Clusters, createClusters, MoveRefused } from './clusters';
export {
  type ComparisonOptions,
  type ComparisonParts,
  compare,
  type Difference,
  differencesIn,
  isRowsToDecide,
  leftIn,
  NOTHING_YET,
  type Progress,
  type Tally,
} from './comparison';
export {
  CONTROLLER,
  type ControllerParts,
  control,
  type Hands,
  knownToBeIll,
  type Reach,
  RenewalWatch,
  type Report,
  reportsOf,
} from './controller';
export { createDrain, type DrainParts, type DrainReport, sweepCommands } from './drain';
export { beat, type KnownUnit, renewLease } from './heartbeat';
export { HOLD_MS, HOLD_WITHIN_MS, isFreeOfHolds, mayHold, UNTOLD_WAIT_MS } from './holds';
export type { UnitRequest } from './judgement';
export { isKeptRead, type Kept, type KeptParts, type KeptProgress, reconcileKept } from './kept';
export { AUTOMATIC_GRANT_MS, grantMs, MANUAL_GRANT_MS } from './lease';
export { type FailoverMessage, type FailoverOrder, readFailoverMessage } from './messages';
export { probe } from './probe';
export {
  isUnderWay,
  noteLeaving,
  type Readmission,
  type ReadmissionOrder,
  type ReadmissionOutcome,
  type ReadmissionParts,
  readmissionOf,
  readmit,
} from './readmission';
export {
  countSettled,
  type FoundParts,
  type ReconcileParts,
  reconcileEvent,
  type Settled,
  settleFound,
} from './reconcile';
export { createReplay, type ReplayParts, type ReplayReport } from './replay';
export { endUndecided } from './replay/end-undecided';
export { LateMoves } from './replay/late-moves';
export { type RequestAnswer, type RequestParts, requestUnit, type Suspicion } from './request';
export { StalenessWatch, type WatchParts } from './staleness';
export { type RunParts, TransitionRun } from './transition-run';
export { carriedVisibly, lookAtWorks, orderToCarryOn } from './works';
