import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TrafficClass } from '../../topology';
import { Problem } from '../core';
import type { CursorPosition, SearchFilter, SearchSort } from './types';

/** The search that a cursor belongs to: it goes on with no other one, and for nobody else. The limit may change from page to page. */
export interface CursorBinding {
  readonly callerId: string;
  readonly trafficClass: TrafficClass;
  readonly filter: SearchFilter;
  readonly sort: SearchSort;
}

/** A place in a search as text for callers: readable by them, but made by us only. */
export function encodeCursor(cursorKey: string, binding: CursorBinding, position: CursorPosition): string {
  const payload = Buffer.from(JSON.stringify([position.value, position.memberId])).toString('base64url');
  return `${payload}.${signature(cursorKey, binding, payload)}`;
}

/** @throws Problem INVALID_REQUEST if the cursor was changed, or belongs to another search */
export function decodeCursor(cursorKey: string, binding: CursorBinding, cursor: string): CursorPosition {
  const [payload = '', signed = '', ...rest] = cursor.split('.');
  // The texts are compared, not what they decode to: several texts decode to the same bytes.
  const expected = Buffer.from(signature(cursorKey, binding, payload));
  const given = Buffer.from(signed);
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Problem('INVALID_REQUEST', { errors: [{ path: 'cursor', message: 'is not a cursor of this search' }] });
  }
  const [value, memberId] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [string, string];
  return { value, memberId };
}

function signature(cursorKey: string, binding: CursorBinding, payload: string): string {
  const signed = JSON.stringify([
    'search cursor',
    binding.callerId,
    binding.trafficClass,
    binding.sort,
    canonical(binding.filter),
    payload,
  ]);
  return createHmac('sha256', cursorKey).update(signed).digest('base64url');
}

/** Equal for filters that select the same members: neither the order of fields and values nor a list of one matters. */
function canonical({ registeredAt, ...filter }: SearchFilter): unknown {
  const fields = Object.entries(filter).filter(([, value]) => value !== undefined);
  const lists = fields.map(([field, value]) => [field, [...new Set([value].flat())].sort()] as const);
  return [lists.sort(([a], [b]) => (a < b ? -1 : 1)), registeredAt?.from ?? null, registeredAt?.to ?? null];
}
