/** Step 1 of every request: who calls, and may they; an ordered chain of guards that refuses before anything is read. */
export type { Caller } from '../arbiter';
export { hashSecret } from './api-key';
export {
  addKey,
  type CallerEdit,
  ChangeRefused,
  isLive,
  keyName,
  MOST_LIVE_KEYS,
  retireKeys,
  setClasses,
  setOwner,
  setRules,
  setStatus,
} from './caller-changes';
export type { CallerRegistry } from './caller-directory';
export {
  type CallerChanged,
  changeCaller,
  createCaller,
  drawKey,
  enterCaller,
  type NewCaller,
  type Order,
  type RegistryArbiter,
} from './caller-registry';
export {
  AppliedRules,
  type CallReport,
  type CallStore,
  type DayOfCalls,
  type EnvironmentCensus,
  type LimitStore,
  type Preview,
  type PreviewedRule,
  previewTraffic,
  Reporter,
  type SecondOfCalls,
  type Take,
  type Taken,
  type TrafficSettings,
} from './flow';
export { type Admit, createGuards, type GuardedRequest } from './guards';
export { HotAccounts, type SharedTally } from './hot-accounts';
export { onlyFromCache } from './suspicion';
