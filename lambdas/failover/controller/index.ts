export { CONTROLLER, type ControllerParts, control, type Hands, knownToBeIll } from './controller';
export type { Work } from './memory';
export type { Act } from './plan';
export { RenewalWatch } from './renewal-watch';
export type { Reach, Report } from './report';
export { reportsOf } from './reports';
