import fc from 'fast-check';
import {
  decodeMemberId,
  drawMemberId,
  encodeMemberId,
  placementOf,
  rangeOf,
  rangeOfPlacement,
} from '../../../lambdas/shards';
import { PLACEMENTS, SHARD_MAP } from '../../../topology';

const START_MS = Date.UTC(2025, 0, 1);
const parts = fc.record({
  placement: fc.integer({ min: 0, max: PLACEMENTS - 1 }),
  drawnAtMs: fc.integer({ min: START_MS, max: START_MS + 2 ** 40 - 1 }),
  region: fc.constantFrom('A' as const, 'B' as const),
  layout: fc.integer({ min: 0, max: 1 }),
  random: fc.integer({ min: 0, max: 511 }),
});

test('an id is read back as it was made, and fits a signed 64-bit integer', () => {
  fc.assert(
    fc.property(parts, (made) => {
      const id = encodeMemberId(made);
      expect(decodeMemberId(id)).toEqual(made);
      expect(placementOf(id)).toBe(made.placement);
      expect(BigInt(id)).toBeLessThan(2n ** 63n);
    }),
  );
});

test('different parts make different ids: also across a clock that was turned back, and between regions', () => {
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      expect(encodeMemberId(one) === encodeMemberId(other)).toBe(isSame);
    }),
  );
});

test('ids of one placement are one contiguous range of the key', () => {
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      fc.pre(one.placement < other.placement);
      expect(BigInt(encodeMemberId(one))).toBeLessThan(BigInt(encodeMemberId(other)));
    }),
  );
});

test.each(['', '-1', '01', '1.5', '0x1', '9223372036854775808', '99999999999999999999', '१'])('%j is no id', (text) => {
  expect(() => decodeMemberId(text)).toThrow(RangeError);
});

test('a clock before 2025 draws no id', () => {
  const made = { placement: 1, drawnAtMs: START_MS - 1, region: 'A' as const, layout: 0, random: 0 };
  expect(() => encodeMemberId(made)).toThrow(RangeError);
});

test('every placement belongs to exactly one range of the shard map', () => {
  for (let placement = 0; placement < PLACEMENTS; placement += 1) {
    const owners = SHARD_MAP.filter((range) => range.from <= placement && placement <= range.to);
    expect(owners).toEqual([rangeOfPlacement(placement)]);
  }
});

test('a map with a hole names the placement that it forgot', () => {
  expect(() => rangeOfPlacement(5, [{ from: 0, to: 4, unit: 'a1', cluster: 'a1', schema: 's' }])).toThrow(
    'placement 5',
  );
});

test('new ids go to the open units of this region first, then to the others; never to one that is not open', () => {
  const units = fc.uniqueArray(
    fc.record({
      unit: fc.constantFrom('a1', 'b1'),
      weight: fc.integer({ min: 0, max: 3 }),
      writer: fc.constantFrom('A' as const, 'B' as const),
    }),
    { selector: ({ unit }) => unit, maxLength: 2 },
  );
  fc.assert(
    fc.property(
      units,
      fc.constantFrom('A' as const, 'B' as const),
      fc.infiniteStream(fc.nat()),
      (open, region, draws) => {
        const draw = (limit: number) => (draws.next().value as number) % limit;
        const id = drawMemberId(open, region, START_MS, draw);
        const possible = open.filter(({ weight }) => weight > 0);
        const local = possible.filter(({ writer }) => writer === region);
        const expected = (local.length > 0 ? local : possible).map(({ unit }) => unit);
        if (expected.length === 0) expect(id).toBeUndefined();
        else expect(expected).toContain(rangeOf(id as string).unit);
      },
    ),
  );
});
