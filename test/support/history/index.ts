/** Histories of concurrent calls, and whether what was answered can have happened. */
export { type AccountAnswer, type AccountCall, type AccountState, applyToAccount, FREE } from './account-model';
export { apiClient } from './api-client';
export {
  type Account,
  accountText,
  type Call,
  canonical,
  isRead,
  type Operation,
  type Outcome,
  type ProfilePatch,
  type Request,
} from './calls';
export { type CheckOptions, checkHistory } from './check';
export { type Exchange, exchangeOf, outcomeOf, type Reply } from './exchange';
export { type Client, History } from './history';
export { linearize, type Sequential, type Task, type Verdict } from './linearization';
export { ABSENT, applyToMember, holds, type MemberAnswer, type MemberCall, type MemberState } from './member-model';
export { Session } from './session';
export { describeViolations, type Violation } from './violation';
export { applyToWorld, type Choice, EMPTY, memberIn, type Step, type World, type WorldAnswer } from './world';
