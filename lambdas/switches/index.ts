/** What has been decided: every request begins with the snapshot of the switches that its environment knows. */
export { hashOf } from './acceptance';
export { type HotAccountLimits, type ReadValue, readOwnRules, readValue, type UnitRequest } from './catalogue';
export { shown, subjectOf } from './entries';
export { Keeper, type Ordered, type RequestUnit } from './keeper';
export { openParameterStore, type ParameterStore } from './parameter-store';
export { type Circumstances, NOTHING_ILL, reasonsAgainst } from './safety';
export {
  compileSnapshot,
  type FeatureMode,
  mergeSnapshots,
  type RegionMode,
  readSnapshot,
  type Snapshot,
  type UnitState,
} from './snapshot';
export { SNAPSHOT_KEY, type SnapshotStore, Switches } from './switches';
