import type { PlantedBug } from '../bug';

export const ARBITER_BUGS: readonly PlantedBug[] = [];
