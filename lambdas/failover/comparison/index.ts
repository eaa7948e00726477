export { type ComparisonOptions, type ComparisonParts, compare, type Progress } from './compare';
export { type Difference, isRowsToDecide } from './differences';
export { differencesIn, NOTHING_YET, type Tally } from './tally';
