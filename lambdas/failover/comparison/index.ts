export { type ComparisonOptions, type ComparisonParts, compare, type Progress } from './compare';
export { type Difference, isRowsToDecide } from './differences';
export { BEFORE_ALL } from './places';
export { differencesIn, leftIn, NOTHING_YET, type Tally } from './tally';
