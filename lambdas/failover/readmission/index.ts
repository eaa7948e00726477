export { hasLeftLists, isUnderWay, type Readmission } from './readmission';
export { noteLeaving, noteLeft, noteMissed, readmissionOf, readmissionWithRevision } from './record';
export { type ReadmissionOrder, type ReadmissionOutcome, type ReadmissionParts, readmit } from './run';
