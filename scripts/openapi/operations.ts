import type { ErrorCode } from '../../lambdas/core';
import type { Operation } from '../../topology';
import { MEMBER, OTHER_MEMBER, SEARCH_CURSOR } from './examples';
import type { HeaderName, ParameterName } from './parameters';
import type { SchemaName } from './schemas';

/** An answer that is a success. */
interface Success {
  readonly description: string;
  readonly headers?: readonly HeaderName[];
  readonly schema?: SchemaName;
  readonly example?: unknown;
}

export interface OperationDescription {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly ParameterName[];
  readonly body?: { readonly schema: SchemaName; readonly example: unknown };
  readonly successes: Readonly<Record<string, Success>>;
  /** Besides those that every call can end in. */
  readonly errors: readonly ErrorCode[];
}

/** Any call that passed the guards can end in these. */
export const EVERYWHERE: readonly ErrorCode[] = ['INTERNAL', 'SHED', 'STOPPED', 'UNAVAILABLE'];
/** Calls that need a key. */
export const GUARDED: readonly ErrorCode[] = ['UNKNOWN_CALLER', 'DENIED', 'CLASS_NOT_ALLOWED', 'LIMITED'];
/** Calls that some class does not know. */
export const NOT_IN_EACH_CLASS: readonly ErrorCode[] = ['NO_SUCH_ROUTE'];
/** Calls that take a body. */
export const WITH_BODY: readonly ErrorCode[] = ['TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];
/** Calls that write. */
export const WRITING: readonly ErrorCode[] = ['CLASS_READ_ONLY', 'IDEMPOTENCY_IN_PROGRESS', 'NOT_ACKNOWLEDGED'];
/** Requests that mean no call of ours. */
export const WITHOUT_CALL: readonly ErrorCode[] = ['NO_SUCH_ROUTE', 'METHOD_NOT_ALLOWED'];

const COPY: readonly HeaderName[] = ['ETag', 'Source', 'Degraded'];
const WRITTEN: readonly HeaderName[] = ['ETag', 'Acknowledged'];
const EXISTING: readonly ErrorCode[] = ['INVALID_REQUEST', 'MEMBER_NOT_FOUND', 'QUARANTINED'];
const CHANGING: readonly ErrorCode[] = [...EXISTING, 'VERSION_MISMATCH', 'UNDECIDED'];
const ACCOUNT: readonly ParameterName[] = ['id', 'platform', 'account'];
const CHANGE: readonly ParameterName[] = ['IfMatch', 'Acknowledge'];

export const OPERATIONS: Readonly<Record<Operation, OperationDescription>> = {
  registerMember: {
    summary: 'Register a member',
    description: 'With its accounts: all of them are bound, or nothing happens.',
    parameters: ['IdempotencyKey', 'Acknowledge'],
    body: {
      schema: 'Registration',
      example: { profile: MEMBER.profile, accounts: [{ platform: 'wechat', account: 'ada' }] },
    },
    successes: {
      201: {
        description: 'Registered, now or by an earlier request with this key.',
        headers: [...WRITTEN, 'Location'],
        schema: 'Member',
        example: MEMBER,
      },
    },
    errors: ['INVALID_REQUEST', 'ACCOUNT_BOUND', 'KEY_TAKEN', 'IDEMPOTENCY_MISMATCH'],
  },
  getMember: {
    summary: 'Read a member',
    parameters: ['id', 'IfNoneMatch', 'MinVersion'],
    successes: {
      200: { description: 'The member.', headers: COPY, schema: 'Member', example: MEMBER },
      304: { description: 'The caller holds this version.', headers: COPY },
    },
    errors: [...EXISTING, 'MEMBER_CLOSED'],
  },
  patchMember: {
    summary: 'Change a profile',
    description: 'A merge-patch (RFC 7396): null removes a field, what is not named stays.',
    parameters: ['id', ...CHANGE],
    body: { schema: 'ProfilePatch', example: { city: 'Porto', phone: null } },
    successes: {
      200: { description: 'The member as it is now.', headers: WRITTEN, schema: 'Member', example: MEMBER },
    },
    errors: [...CHANGING, 'MEMBER_CLOSED', 'KEY_TAKEN'],
  },
  closeMember: {
    summary: 'Close a member',
    description: 'Its accounts become free. Closing a closed member changes nothing.',
    parameters: ['id', ...CHANGE],
    successes: { 204: { description: 'Closed.', headers: WRITTEN } },
    errors: CHANGING,
  },
  bindAccount: {
    summary: 'Bind an account',
    description: 'Binding what is bound to this member changes nothing.',
    parameters: [...ACCOUNT, ...CHANGE],
    successes: {
      200: { description: 'The member as it is now.', headers: WRITTEN, schema: 'Member', example: MEMBER },
    },
    errors: [...CHANGING, 'MEMBER_CLOSED', 'ACCOUNT_BOUND'],
  },
  unbindAccount: {
    summary: 'Unbind an account',
    description: 'Unbinding what is not bound to this member changes nothing.',
    parameters: [...ACCOUNT, ...CHANGE],
    successes: { 204: { description: 'Not bound.', headers: WRITTEN } },
    errors: [...CHANGING, 'MEMBER_CLOSED'],
  },
  findByAccount: {
    summary: 'Find the member behind an account',
    parameters: ['platform', 'account', 'IfNoneMatch', 'MinVersion'],
    successes: {
      200: { description: 'The member.', headers: COPY, schema: 'Member', example: MEMBER },
      304: { description: 'The caller holds this version.', headers: COPY },
    },
    errors: ['INVALID_REQUEST', 'NOT_BOUND', 'QUARANTINED'],
  },
  findByKey: {
    summary: 'Find members by a key of their profile',
    description: 'Exactly one of the keys is named. Several members may have it.',
    parameters: ['phone', 'email', 'unionId', 'idCard', 'MinVersion'],
    successes: {
      200: {
        description: 'The members that have the key, if any.',
        headers: ['Source', 'Degraded'],
        schema: 'MemberList',
        example: { items: [MEMBER] },
      },
    },
    errors: ['INVALID_REQUEST'],
  },
  batchMembers: {
    summary: 'Read up to 100 members',
    parameters: ['MinVersion'],
    body: { schema: 'Batch', example: { ids: [MEMBER.memberId, OTHER_MEMBER] } },
    successes: {
      200: {
        description: 'One entry for each id, in the order asked.',
        schema: 'BatchAnswer',
        example: {
          items: [
            { id: MEMBER.memberId, status: 200, member: MEMBER },
            { id: OTHER_MEMBER, status: 404, code: 'MEMBER_NOT_FOUND' },
          ],
        },
      },
    },
    errors: ['INVALID_REQUEST'],
  },
  searchMembers: {
    summary: 'Search members',
    description: 'Not in class `order`. Answers may be a moment behind.',
    body: {
      schema: 'Search',
      example: { filter: { tier: ['gold', 'platinum'], city: 'Lisbon' }, sort: '-registeredAt', limit: 50 },
    },
    successes: {
      200: {
        description: 'One page.',
        headers: ['Source', 'Degraded'],
        schema: 'SearchAnswer',
        example: { items: [MEMBER], cursor: SEARCH_CURSOR },
      },
    },
    errors: ['INVALID_REQUEST'],
  },
  health: {
    summary: 'Ask whether this region serves',
    description: 'Needs no key, unless it asks deep. 503 while the region is drained or fenced.',
    parameters: ['deep'],
    successes: {
      200: {
        description: 'It serves.',
        schema: 'Health',
        example: { status: 'ok', dependencies: [{ name: 'cache', ok: true, latencyMs: 1 }] },
      },
    },
    errors: GUARDED,
  },
  openapi: {
    summary: 'Read this document',
    description: 'Needs no key.',
    successes: { 200: { description: 'The document.' } },
    errors: [],
  },
};
