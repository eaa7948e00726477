import type { Operation } from '../../topology';
import { Problem } from '../core';

/** What the cache alone can answer. */
const FROM_CACHE: ReadonlySet<Operation> = new Set(['getMember', 'findByAccount', 'batchMembers']);

/** Whoever is under suspicion is so for some time. */
const RETRY_MS = 60_000;

/** Whether a caller under suspicion may ask this; then the cache, and nothing else, is asked. */
export function isFromCache(operation: Operation): boolean {
  return FROM_CACHE.has(operation);
}

/** What a caller under suspicion asks for would take more than a look into the cache. */
export function onlyFromCache(): Problem {
  const detail = 'this caller is answered from the cache only, for now';
  return new Problem('LIMITED', { detail, rule: 'cache-only', retryAfterMs: RETRY_MS });
}
