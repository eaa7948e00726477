/** A steady mixed load on both regions, and what was answered to it. */
export { Load, type LoadOptions } from './load';
export { ALL_NEEDS, CALLS, type CallName, type Need, needText, WRITES_OF_A_UNIT } from './needs';
export { codeOf, isNotServed, Observed } from './observed';
