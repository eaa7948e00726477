import { fieldSort } from './queries';
import type { CursorPosition, SearchHit, SearchSort } from './types';

export function positionOf({ memberId, document }: SearchHit, sort: SearchSort): CursorPosition {
  const value = fieldSort(sort).field === 'name' ? document.profile.name : document.registeredAt;
  return { value, memberId };
}

/** The order that the engine gives to keywords and times: by bytes of UTF-8, which is not that of JavaScript's strings. */
export function inOrder(hits: readonly SearchHit[], sort: SearchSort): SearchHit[] {
  const sign = fieldSort(sort).direction === 'desc' ? -1 : 1;
  return hits
    .map((hit) => {
      const { value, memberId } = positionOf(hit, sort);
      return { hit, value: Buffer.from(value), memberId: Buffer.from(memberId) };
    })
    .sort((a, b) => sign * Buffer.compare(a.value, b.value) || Buffer.compare(a.memberId, b.memberId))
    .map(({ hit }) => hit);
}
