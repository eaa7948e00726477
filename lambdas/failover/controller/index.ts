export { CONTROLLER, type ControllerParts, control, type Hands, knownToBeIll } from './controller';
export type { Act } from './plan';
export type { Reach, Report } from './report';
export { reportsOf } from './reports';
