import type { PlantedBug } from '../bug';

export const SYNC_BUGS: readonly PlantedBug[] = [];
