/** How large a deployment is and what it is called: named stages and the user's own, checked before anything is built. */
export * from './read';
export type { DomainConfiguration, LoadBalancerConfiguration, StageConfiguration } from './schema';
export * from './stages';
