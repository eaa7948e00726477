/** Every drill, as data. */
import type { Drill } from '../drill';
import { ARBITER_DRILLS } from './arbiter';
import { CACHE_DRILLS } from './caches';
import { CALLER_DRILLS } from './callers';
import { FALLBACK_DRILLS } from './fallback';
import { REGION_DRILLS } from './regions';
import { SEARCH_DRILLS } from './search';
import { UNIT_DRILLS } from './units';
import { WRITER_DRILLS } from './writers';

export const DRILLS: readonly Drill[] = [
  ...SEARCH_DRILLS,
  ...CACHE_DRILLS,
  ...REGION_DRILLS,
  ...WRITER_DRILLS,
  ...UNIT_DRILLS,
  ...ARBITER_DRILLS,
  ...FALLBACK_DRILLS,
  ...CALLER_DRILLS,
];
