import fc from 'fast-check';
import { FrequentKeys } from '../../../../lambdas/traffic/hot-accounts';

/** Many keys that come once, and a few that come often, in any order. */
const occurrences = fc.array(fc.oneof(fc.nat(400), { arbitrary: fc.nat(3), weight: 2 }), { maxLength: 1500 });

test('a count is never too high, and too low by at most N / (capacity + 1)', () => {
  fc.assert(
    fc.property(occurrences, fc.integer({ min: 1, max: 40 }), (keys, capacity) => {
      const counted = new FrequentKeys(capacity);
      const truth = new Map<string, number>();
      for (const key of keys.map(String)) {
        truth.set(key, (truth.get(key) ?? 0) + 1);
        counted.add(key);
      }
      for (const [key, count] of truth) {
        expect(counted.countOf(key)).toBeLessThanOrEqual(count);
        expect(counted.countOf(key)).toBeGreaterThanOrEqual(count - keys.length / (capacity + 1));
      }
      expect(counted.top(Number.POSITIVE_INFINITY, 1).length).toBeLessThanOrEqual(capacity);
    }),
  );
});

test('the most frequent are told first, those that are rare not at all', () => {
  const counted = new FrequentKeys(10);
  for (const key of ['b', 'a', 'b', 'c', 'b', 'a']) counted.add(key);
  expect(counted.top(5, 2)).toEqual([
    ['b', 3],
    ['a', 2],
  ]);
  expect(counted.top(1, 1)).toEqual([['b', 3]]);
});
