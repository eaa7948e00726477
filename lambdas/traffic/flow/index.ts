/** How many calls pass: rules, the algorithms that they name, and where their calls are counted. */
export { type Applied, AppliedRules, type Passes } from './applied-rules';
export { PASSED, PASSED_UNCOUNTED, type Verdict } from './call-limit';
export { type Preview, type PreviewedRule, previewTraffic } from './preview';
export type { CallReport, CallStore, DayOfCalls, EnvironmentCensus, SecondOfCalls } from './recent-calls';
export { Reporter } from './reporter';
export { DENY_LIST, type TrafficSettings } from './settings';
export type { LimitStore, Sighting, Take, Taken } from './store';
