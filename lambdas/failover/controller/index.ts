export { CONTROLLER, type ControllerParts, control, type Hands } from './controller';
export type { Act } from './plan';
export type { Reach } from './report';
