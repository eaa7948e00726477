import fc from 'fast-check';
import { inOrder } from '../../../lambdas/search/order';
import type { SearchHit } from '../../../lambdas/search/types';
import { memberOf } from '../../engine/search/members';

function hit(memberId: string, name: string, registeredAtMs: number): SearchHit {
  const document = memberOf({ memberId, profile: { name }, registeredAtMs });
  return { memberId, version: 1, document };
}

/** Code points have the order of their bytes in UTF-8; this compares them one by one, without any bytes. */
function byCodePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const hits = fc.array(
  fc.tuple(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), fc.string({ unit: 'binary', maxLength: 3 }), fc.nat(3)),
  { maxLength: 40 },
);

test('names stand in the order of their code points, members of one name in the order of their ids as text', () => {
  fc.assert(
    fc.property(hits, (drawn) => {
      const list = drawn.map(([id, name, ms]) => hit(String(id), name, ms));
      const reference = [...list].sort(
        (a, b) =>
          byCodePoints(a.document.profile.name, b.document.profile.name) || byCodePoints(a.memberId, b.memberId),
      );
      expect(inOrder(list, 'name')).toEqual(reference);
    }),
  );
});

test('a name beyond the basic plane stands behind one at its end, unlike in JavaScript', () => {
  const [emoji, halfWidth] = [hit('1', '😀', 0), hit('2', '\uff76', 0)];
  expect('😀' < '\uff76').toBe(true);
  expect(inOrder([emoji, halfWidth], 'name').map(({ memberId }) => memberId)).toEqual(['2', '1']);
});

test.each(['registeredAt', '-registeredAt'] as const)('%s leaves ties in the order of ids', (sort) => {
  fc.assert(
    fc.property(hits, (drawn) => {
      const list = drawn.map(([id, name, ms]) => hit(String(id), name, ms));
      const sign = sort === 'registeredAt' ? 1 : -1;
      const reference = [...list].sort(
        (a, b) =>
          sign * (Date.parse(a.document.registeredAt) - Date.parse(b.document.registeredAt)) ||
          byCodePoints(a.memberId, b.memberId),
      );
      expect(inOrder(list, sort)).toEqual(reference);
    }),
  );
});
