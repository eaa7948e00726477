export {
  type CensusOptions,
  type CensusParts,
  type CensusProgress,
  type CensusTally,
  NOTHING_SEEN,
  takeCensus,
} from './census';
export type { StaleEntry } from './judge';
