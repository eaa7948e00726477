import fc from 'fast-check';
import { median, quantile, ratiosOf, relativeSpread, spreadOf } from '../../../bench/statistics';

const sample = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

test('the median lies in the middle, between two values in an even sample', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test('quantiles are interpolated between neighbours', () => {
  expect(quantile([10, 20, 30, 40, 50], 0.25)).toBe(20);
  expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9);
  expect(quantile([7], 0.99)).toBe(7);
});

test('an empty sample has no quantiles', () => {
  expect(() => quantile([], 0.5)).toThrow(RangeError);
});

test('quantiles rise with their share, from the least to the most, and leave the sample as it was', () => {
  fc.assert(
    fc.property(
      sample,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, one, other) => {
        const before = [...values];
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        // Interpolation rounds.
        expect(quantile(values, low)).toBeLessThanOrEqual(quantile(values, high) + 1e-6);
        expect(quantile(values, 0)).toBe(Math.min(...values));
        expect(quantile(values, 1)).toBe(Math.max(...values));
        expect(values).toEqual(before);
      },
    ),
  );
});

test('ratios are those of rounds that ran beside each other', () => {
  expect(ratiosOf([10, 30], [5, 10])).toEqual([2, 3]);
  expect(() => ratiosOf([1, 2], [1])).toThrow(RangeError);
});

test('a machine that is slow for a while does not change the ratio of neighbours', () => {
  const slowness = [1, 1, 4, 1, 3];
  const ratios = ratiosOf(
    slowness.map((factor) => 20 * factor),
    slowness.map((factor) => 10 * factor),
  );
  expect(spreadOf(ratios)).toEqual({ median: 2, lowerQuartile: 2, upperQuartile: 2, rounds: 5 });
});

test('the relative spread is that of the quarters to the median', () => {
  expect(relativeSpread(spreadOf([8, 10, 12]))).toBeCloseTo(0.2);
  expect(relativeSpread(spreadOf([0, 0]))).toBe(0);
});
