/** Regions as operators see them: whether one that was lost may serve again, what is missing, and the way back. */
export { type Missing, missingIn, NO_BACKLOG, type Seen, type Subject, wasComparedSince } from './checks';
export { type Readmitted, type Readmitting, readmitRegion } from './readmit';
