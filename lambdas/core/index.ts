/** Step 0, under every other: time, configuration, errors, logs, and what a member and its versions are. */
export * from './clock';
export * from './config';
export * from './digest';
export * from './error-report';
export * from './errors';
export * from './fields';
export * from './flow-rule';
export * from './forks';
export * from './id-range';
export * from './log';
export * from './member';
export * from './metrics';
export * from './version';
