import fc from 'fast-check';
import { isProblem } from '../../../lambdas/core';
import { type CursorBinding, decodeCursor, encodeCursor } from '../../../lambdas/search';

const KEY = 'a key that only tests have';
const position = { value: '2025-01-01T00:00:00.000Z', memberId: '1234567890123456789' };
const binding: CursorBinding = {
  callerId: 'shop',
  trafficClass: 'marketing',
  filter: { tier: ['gold', 'silver'], city: 'Zürich', registeredAt: { from: '2024-01-01T00:00:00.000Z' } },
  sort: 'registeredAt',
};

function refused(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (error) {
    if (!isProblem(error, 'INVALID_REQUEST')) throw error;
    return error.details.errors?.[0]?.path === 'cursor';
  }
}

test('a cursor comes back as the position that it was made of', () => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(fc.record({ value: text, memberId: text }), (made) => {
      expect(decodeCursor(KEY, binding, encodeCursor(KEY, binding, made))).toEqual(made);
    }),
  );
});

test('it consists of characters that need no escaping, and of no more than a caller may send', () => {
  const longest = encodeCursor(KEY, binding, { value: '😀'.repeat(100), memberId: position.memberId });
  expect(longest).toMatch(/^[A-Za-z0-9_.-]+$/);
  expect(longest.length).toBeLessThanOrEqual(4096);
});

test('changing any one character is noticed, also where it would decode to the same bytes', () => {
  const cursor = encodeCursor(KEY, binding, position);
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=';
  for (let at = 0; at < cursor.length; at += 1) {
    for (const character of characters) {
      if (character === cursor[at]) continue;
      const changed = cursor.slice(0, at) + character + cursor.slice(at + 1);
      expect(refused(() => decodeCursor(KEY, binding, changed))).toBe(true);
    }
  }
});

test.each(['', '.', 'x', 'e30.e30', '..', '__proto__', `${encodeCursor(KEY, binding, position)}.x`])(
  '%j is no cursor',
  (text) => expect(refused(() => decodeCursor(KEY, binding, text))).toBe(true),
);

test.each<[string, Partial<CursorBinding>]>([
  ['caller', { callerId: 'crm' }],
  ['class', { trafficClass: 'other' }],
  ['sort', { sort: '-registeredAt' }],
  ['value', { filter: { ...binding.filter, city: 'Bern' } }],
  ['end of the range', { filter: { ...binding.filter, registeredAt: { to: '2024-01-01T00:00:00.000Z' } } }],
  ['missing field', { filter: { tier: ['gold', 'silver'], city: 'Zürich' } }],
])('it goes on with no search of another %s', (_, changed) => {
  const cursor = encodeCursor(KEY, binding, position);
  expect(refused(() => decodeCursor(KEY, { ...binding, ...changed }, cursor))).toBe(true);
});

test('another key refuses it', () => {
  expect(refused(() => decodeCursor(`${KEY}!`, binding, encodeCursor(KEY, binding, position)))).toBe(true);
});

test('the order of fields and values, and a list of one, make no other search', () => {
  const cursor = encodeCursor(KEY, binding, position);
  const { registeredAt } = binding.filter;
  const same: CursorBinding = {
    ...binding,
    filter: { ...(registeredAt && { registeredAt }), city: ['Zürich'], tier: ['silver', 'gold', 'gold'] },
  };
  expect(decodeCursor(KEY, same, cursor)).toEqual(position);
});
