import type { PlantedBug } from '../bug';

export const CACHE_BUGS: readonly PlantedBug[] = [];
