/** Histories of concurrent calls, and whether what was answered can have happened. */
export { apiClient } from './api-client';
export {
  type Account,
  type Call,
  isRead,
  type Operation,
  type Outcome,
  type ProfilePatch,
  type Request,
} from './calls';
export { type Exchange, exchangeOf, outcomeOf, type Reply } from './exchange';
export { type Client, History } from './history';
