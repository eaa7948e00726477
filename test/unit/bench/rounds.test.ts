import { setImmediate as turn } from 'node:timers/promises';
import { compare, runRound } from '../../../bench/handler/rounds';

const LIMITS = { inFlight: 4, durationMs: 60_000, mostOperations: 100 };
const PAIRS = { ...LIMITS, pairs: 3, warmOperations: 3 };

test('a round does as many operations as it may, each number once', async () => {
  const seen: number[] = [];
  const round = await runRound({ operation: async (index) => seen.push(index) }, 50, LIMITS);
  expect(round.operations).toBe(100);
  expect(seen.sort((one, other) => one - other)).toEqual(Array.from({ length: 100 }, (_, index) => 50 + index));
});

test('as many operations are under way as are asked for, and no more', async () => {
  let [running, most] = [0, 0];
  const operation = async () => {
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
  };
  await runRound({ operation }, 0, LIMITS);
  expect(most).toBe(LIMITS.inFlight);
});

test('a round ends when its time is over', async () => {
  const round = await runRound({ operation: () => turn() }, 0, { ...LIMITS, durationMs: 20, mostOperations: 1e9 });
  expect(round.operations).toBeLessThan(1e9);
  expect(round.perS).toBeGreaterThan(0);
});

test('what came to something else is counted', async () => {
  const contestant = { operation: async (index: number) => index, check: (outcome: unknown) => outcome !== 7 };
  expect((await runRound(contestant, 0, LIMITS)).strays).toBe(1);
});

test('contestants take turns, each pair beginning with the other one', async () => {
  const order: string[] = [];
  const contestant = (name: string) => ({
    operation: async () => undefined,
    beforeRound: async () => {
      order.push(name);
    },
  });
  await compare(contestant('ours'), contestant('bare'), { ...PAIRS, mostOperations: 1 });
  const warmUp = ['ours', 'ours', 'ours', 'bare', 'bare', 'bare'];
  expect(order).toEqual([...warmUp, 'ours', 'bare', 'bare', 'ours', 'ours', 'bare']);
});

test('numbers go on from round to round, so that no write is repeated', async () => {
  const seen = new Set<number>();
  let repeated = 0;
  const operation = async (index: number) => {
    if (seen.has(index)) repeated += 1;
    seen.add(index);
  };
  await compare({ operation }, { operation: async () => undefined }, { ...PAIRS, mostOperations: 10 });
  expect(seen.size).toBe(50);
  expect(repeated).toBe(0);
});
