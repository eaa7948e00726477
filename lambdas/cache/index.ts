/** Step 3 of a request: the cache. A read ends here when it is hit; a write marks the keys before and fences them after. */
export { type Cache, type CacheOptions, createCache } from './cache';
export { CacheCensus, type CachedEntry, type CensusPlace, THE_BEGINNING } from './census';
export type { CacheEntry, Fillable, Uncacheable } from './entry';
export type { HoldAnswer, MoveAnswer } from './holds';
export type { Fence } from './invalidation';
export { lookupKey, memberKey } from './keys';
export { FENCE_LIFE_MS, MOST_BEHIND_MS } from './lifetimes';
export type { ReadOutcome, ReadThrough } from './read-through';
export type { Flight } from './server';
