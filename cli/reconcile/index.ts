/** Comparing a search domain of the running system with the rows, and mending it. */
export { createBar } from './bar';
export { PositionFile } from './position-file';
export { DATABASE_USER, databasesOf, engineOf, openComparison, readSecrets } from './system';
