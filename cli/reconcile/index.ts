/** Bringing a store of the running system together with the rows: a search domain, a cache. */
export { createBar, shownOf } from './bar';
export { comparisonPosition, PositionFile } from './position-file';
export {
  cacheAddress,
  DATABASE_USER,
  databasesOf,
  engineOf,
  openComparison,
  openStores,
  readSecrets,
  writersOf,
} from './system';
