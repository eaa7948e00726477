import type { PlantedBug } from '../bug';

export const FAILOVER_BUGS: readonly PlantedBug[] = [];
