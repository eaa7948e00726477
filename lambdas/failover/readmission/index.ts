export { isUnderWay, type Readmission } from './readmission';
export { noteLeaving, noteLeft, readmissionOf } from './record';
export { type ReadmissionOrder, type ReadmissionOutcome, type ReadmissionParts, readmit } from './run';
