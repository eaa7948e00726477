/** How large a deployment is and what it is called: named stages and the user's own, checked before anything is built. */
export * from './read';
export {
  CONCURRENCY_THAT_STAYS,
  type DomainConfiguration,
  type LoadBalancerConfiguration,
  reservedBy,
  type StageConfiguration,
} from './schema';
export * from './stages';
