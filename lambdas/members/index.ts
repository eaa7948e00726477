/** What callers may do with members: commands that make the next version, and the ways to find one. */
export { AccountFinder } from './accounts';
export { type Announcer, createAnnouncer } from './announce';
export { applyArrivals, tidiesHere } from './arrivals';
export { applyCommand, type Command, claimsOf, eventOf, holdsClaim, MAX_ACCOUNTS } from './changes';
export { Claims } from './claims';
export { type Degradation, MemberCopies, type MemberCopy, type Source } from './copies';
export { isRequestKey } from './encounters';
export {
  type FallbackDomains,
  type ReplayCommandsParts,
  type ReplayedCommands,
  replayCommands,
} from './fallback';
export { boundOrder, flightOf, flightPlacement, operationOfFlight } from './fences';
export { KeyFinder } from './lookups';
export { MemberReader, type ReadOptions } from './reader';
export { Registrar } from './register';
export * from './schema';
export { removingKeys, type SettledRow, type Settling, type SettlingParts, settleRow } from './settling';
export { sweepClaims } from './sweep';
export { MemberWriter, type Parts, type WriteOptions, type Written } from './writer';
