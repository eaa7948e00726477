import type { PlantedBug } from '../bug';

export const SEARCH_BUGS: readonly PlantedBug[] = [];
