import { retryDelayMs } from '../../../local/front/retry-schedule';

const DELAYS_MS = Array.from({ length: 30 }, (_, index) => retryDelayMs(index + 1));

test('three at once, two after a second', () => {
  expect(DELAYS_MS.slice(0, 5)).toEqual([0, 0, 0, 1000, 1000]);
});

test('ten more, from one second to twenty', () => {
  const backoff = DELAYS_MS.slice(5, 15);
  expect(backoff[0]).toBe(1000);
  expect(backoff.at(-1)).toBe(20_000);
  expect(backoff).toEqual([...backoff].sort((one, other) => one - other));
});

test('then every twenty seconds', () => {
  expect(new Set(DELAYS_MS.slice(15))).toEqual(new Set([20_000]));
});
