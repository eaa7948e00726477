/** Around every step that leaves this process: a deadline, so that nothing hangs, and a breaker, so that what is down costs little. */
export * from './breaker';
export type { BreakerRule, RuleKind } from './breaker-rules';
export * from './concurrency';
export * from './deadline';
export type { LimitSettings } from './limit';
export * from './retry-budget';
export * from './telling';
