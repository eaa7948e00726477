/** What has been decided: every request begins with the snapshot of the switches that its environment knows. */
export { compileSnapshot, mergeSnapshots, type Snapshot, type UnitState } from './snapshot';
export { type SnapshotStore, Switches } from './switches';
