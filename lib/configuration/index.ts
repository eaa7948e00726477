/** How large a deployment is and what it is called: named stages and the user's own, checked before anything is built. */
export * from './read';
export type { DomainConfiguration, StageConfiguration } from './schema';
export * from './stages';
