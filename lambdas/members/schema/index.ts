/** What callers may send and what they are answered: every reading is pure and refuses with INVALID_REQUEST. */
export { type Account, accountSchema, canonicalAccount, PLATFORM_NAMES, parseAccount } from './account';
export { accountFragment, type PublicAccount, type PublicMember, publicJson, toAnswer } from './answer';
export { batchSchema, memberIdSchema, parseBatch } from './batch';
export {
  ACKNOWLEDGEMENTS,
  type Acknowledgement,
  etagOf,
  type Headers,
  holdsVersion,
  readAcknowledge,
  readIdempotencyKey,
  readIfMatch,
  readIfNoneMatch,
  readMinVersion,
} from './headers';
export { LOOKUP_SCHEMAS, parseLookup, type Query } from './lookup';
export { parseMemberId } from './member-id';
export { applyPatch, PROFILE_FIELDS, type ProfilePatch, parsePatch, patchSchema, profileSchema } from './profile';
export { parseRegistration, type Registration, registrationSchema } from './registration';
export { parseSearch, type SearchFilter, type SearchRequest, type Sort, searchSchema } from './search';
