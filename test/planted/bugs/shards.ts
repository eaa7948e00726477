import type { PlantedBug } from '../bug';

export const SHARD_BUGS: readonly PlantedBug[] = [];
