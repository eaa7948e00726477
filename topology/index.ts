/** What exists, as plain data: `local/` runs it, `lambdas/` reads it, the stacks deploy it. */
export * from './degradable';
export * from './domains';
export * from './functions';
export * from './metrics';
export * from './platforms';
export * from './queues';
export * from './regions';
export * from './routes';
export * from './service-levels';
export * from './stage';
export * from './switches';
export * from './tables';
export * from './traffic-classes';
export * from './units';
