import fc from 'fast-check';
import { bestHits, zipf } from '../../../bench/zipf';
import { Random } from '../../../scripts/members/random';

function uniform(seed: number): () => number {
  const random = new Random(seed);
  return () => random.below(2 ** 32) / 2 ** 32;
}

test('ranks are drawn as often as their weights say', () => {
  const [ranks, exponent, draws] = [100, 0.99, 200_000];
  const draw = zipf(ranks, exponent, uniform(7));
  const counts = new Array<number>(ranks).fill(0);
  for (let index = 0; index < draws; index += 1) {
    const rank = draw();
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  const total = counts.reduce((sum, _, rank) => sum + 1 / (rank + 1) ** exponent, 0);
  for (const rank of [0, 1, 9, 50, 99]) {
    const expected = draws / (rank + 1) ** exponent / total;
    // Six standard deviations of a count.
    expect(Math.abs((counts[rank] ?? 0) - expected)).toBeLessThan(6 * Math.sqrt(expected));
  }
});

test('every rank is within bounds, whatever is drawn', () => {
  const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 3, noNaN: true }),
      unit,
      (ranks, exponent, value) => {
        const rank = zipf(ranks, exponent, () => value)();
        expect(Number.isInteger(rank) && rank >= 0 && rank < ranks).toBe(true);
      },
    ),
  );
});

test('the ends of the range lead to the first and the last rank', () => {
  expect(zipf(10, 0.99, () => 0)()).toBe(0);
  expect(zipf(10, 0.99, () => 1 - Number.EPSILON)()).toBe(9);
});

const read = (key: number) => ({ key, isWrite: false });
const write = (key: number) => ({ key, isWrite: true });

test('the best cache misses what it sees first, and what was written', () => {
  expect(bestHits([read(1), read(1), read(2), write(1), read(1), read(1)])).toEqual({ reads: 5, hits: 2 });
});

test('writes are no reads, and one of an unknown key changes nothing', () => {
  expect(bestHits([write(1), read(2), read(2)])).toEqual({ reads: 2, hits: 1 });
});
