/** Beside the requests: keeps each unit's writer entitled to write, by a lease that a heartbeat renews. */
export { type ClusterState, type Clusters, createClusters, MoveRefused } from './clusters';
export { CONTROLLER, type ControllerParts, control, type Hands, knownToBeIll } from './controller';
export { beat, type KnownUnit } from './heartbeat';
export { AUTOMATIC_GRANT_MS, grantMs, MANUAL_GRANT_MS } from './lease';
export { type FailoverMessage, readFailoverMessage } from './messages';
export { probe } from './probe';
