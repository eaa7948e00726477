/** Units that people keep written while the arbiter is away. */
export { type Held, holdUnit } from './hold';
export { openHoldSystem } from './system';
