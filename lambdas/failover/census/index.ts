export {
  type CensusOptions,
  type CensusParts,
  type CensusProgress,
  type CensusTally,
  NOTHING_SEEN,
  takeCensus,
} from './census';
export { denialsAmong } from './denials';
export type { StaleEntry } from './judge';
