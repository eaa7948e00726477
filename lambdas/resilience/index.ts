/** Around every step that leaves this process: a deadline, so that nothing hangs, and a breaker, so that what is down costs little. */
export * from './breaker';
export * from './deadline';
