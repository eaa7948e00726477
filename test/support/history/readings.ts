import type { PublicMember } from '../../../lambdas/members/schema';
import type { Operation } from './calls';

/** What a read said of one member. */
export interface Reading {
  readonly operation: Operation;
  readonly member: string;
  /** Absent where there is none to show: the member is closed, or there is none. */
  readonly document?: PublicMember;
  readonly code?: string;
}

/** A read that was answered says something of one member, or of each that it asked for. */
export function readingsOf(operation: Operation): Reading[] {
  const { call, outcome } = operation;
  if (outcome.kind === 'unknown') return [];
  if (outcome.kind === 'refused') {
    return call.kind === 'get' ? [{ operation, member: call.member, code: outcome.code }] : [];
  }
  const { document, items = [] } = outcome;
  if (call.kind === 'batch') return items.map(({ id, ...said }) => ({ operation, member: id, ...said }));
  const isRead = call.kind === 'get' || call.kind === 'find';
  return isRead && document !== undefined ? [{ operation, member: document.memberId, document }] : [];
}

/** Whether it says anything of the member at all: a copy that could not be read does not. */
export function isTelling({ document, code }: Reading): boolean {
  return document !== undefined || code === 'MEMBER_NOT_FOUND' || code === 'MEMBER_CLOSED';
}

/** A member that is not there has version 0; one that is closed says no version. */
export function versionRead({ document, code }: Reading): number | undefined {
  if (document !== undefined) return Number(document.version);
  return code === 'MEMBER_NOT_FOUND' ? 0 : undefined;
}
