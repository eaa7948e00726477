import type { PlantedBug } from './bug';
import { ARBITER_BUGS } from './bugs/arbiter';
import { CACHE_BUGS } from './bugs/cache';
import { CALLER_BUGS } from './bugs/callers';
import { CLUSTER_BUGS } from './bugs/clusters';
import { COMPARISON_BUGS } from './bugs/comparison';
import { CONTROLLER_BUGS } from './bugs/controller';
import { COPY_BUGS } from './bugs/copies';
import { DEGRADATION_BUGS } from './bugs/degradation';
import { DELAY_BUGS } from './bugs/delays';
import { FAILOVER_BUGS } from './bugs/failover';
import { FALLBACK_BUGS } from './bugs/fallback';
import { FLOW_BUGS } from './bugs/flow';
import { FOUND_BUGS } from './bugs/found';
import { HOLD_BUGS } from './bugs/holds';
import { HOT_ACCOUNT_BUGS } from './bugs/hot-accounts';
import { IMPORT_BUGS } from './bugs/import';
import { MEMBER_BUGS } from './bugs/members';
import { METRIC_BUGS } from './bugs/metrics';
import { REACTION_BUGS } from './bugs/reactions';
import { READMISSION_BUGS } from './bugs/readmission';
import { RECONCILE_BUGS } from './bugs/reconcile';
import { REGION_BUGS } from './bugs/regions';
import { REPLAY_BUGS } from './bugs/replay';
import { RESILIENCE_BUGS } from './bugs/resilience';
import { SEARCH_BUGS } from './bugs/search';
import { SHARD_BUGS } from './bugs/shards';
import { STORM_BUGS } from './bugs/storms';
import { SWITCH_BUGS } from './bugs/switches';
import { SYNC_BUGS } from './bugs/sync';
import { TRANSITION_BUGS } from './bugs/transitions';

export type { PlantedBug } from './bug';

/** Every protection that a test is claimed to guard. `npm run test:planted` takes them away one by one. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...ARBITER_BUGS,
  ...SHARD_BUGS,
  ...MEMBER_BUGS,
  ...CACHE_BUGS,
  ...SEARCH_BUGS,
  ...SYNC_BUGS,
  ...DELAY_BUGS,
  ...FAILOVER_BUGS,
  ...READMISSION_BUGS,
  ...SWITCH_BUGS,
  ...FLOW_BUGS,
  ...CONTROLLER_BUGS,
  ...REACTION_BUGS,
  ...CLUSTER_BUGS,
  ...TRANSITION_BUGS,
  ...RECONCILE_BUGS,
  ...FOUND_BUGS,
  ...COPY_BUGS,
  ...COMPARISON_BUGS,
  ...REPLAY_BUGS,
  ...FALLBACK_BUGS,
  ...REGION_BUGS,
  ...HOLD_BUGS,
  ...CALLER_BUGS,
  ...HOT_ACCOUNT_BUGS,
  ...METRIC_BUGS,
  ...RESILIENCE_BUGS,
  ...STORM_BUGS,
  ...DEGRADATION_BUGS,
  ...IMPORT_BUGS,
];

/** Races of docs/races.md that cannot happen yet, and why. */
export const NOT_YET: Readonly<Record<number, string>> = {};
