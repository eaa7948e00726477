/** Accounts that are asked for far more often than others: found in bounded memory, and limited each for itself. */
export { AccountLimit, type SharedTally } from './account-limit';
export { FrequentKeys } from './frequent';
export { HOT_ACCOUNT, type HotAccountParts, HotAccounts } from './hot-accounts';
