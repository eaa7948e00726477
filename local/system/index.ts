/** Two regions on one machine: what is started, in which order, and how it ends. */
export * from './directory';
export type { KeptServer } from './kept-servers';
export * from './process-config';
export type { ClusterStatus, PartReport, RunningSystem } from './running-system';
export { CALLERS, type CallerId } from './secrets';
export { type EngineState, type LocalState, localUrl } from './state';
export { type SystemOptions, startSystem } from './system';
