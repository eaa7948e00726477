export { CONTROLLER, type ControllerParts, control, type Hands, knownToBeIll, type UnderWay } from './controller';
export type { Work } from './memory';
export { RenewalWatch } from './renewal-watch';
export type { Reach, Report } from './report';
export { reportsOf } from './reports';
export type { Act } from './view';
