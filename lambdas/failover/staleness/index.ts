export { StalenessWatch, type WatchParts } from './watch';
