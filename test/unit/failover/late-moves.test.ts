import { LateMoves } from '../../../lambdas/failover';

const MINUTE_MS = 60_000;
const BEGAN_MS = 100 * MINUTE_MS;

test('moves are looked for a few times behind a replay, whatever is with another unit, and not for ever', async () => {
  let nowMs = BEGAN_MS;
  const looks: number[] = [];
  const asked: number[] = [];
  const parts = {
    arbiter: {
      replays: {
        load: async (unit: string) => {
          if (unit === 'a1') throw new Error('the arbiter is away');
          return { beganMs: BEGAN_MS };
        },
      },
      journal: {
        moves: async (_: string, atMs: number) => {
          asked.push(atMs);
          return [];
        },
      },
    },
    clock: { nowMs: () => nowMs },
  };
  const late = new LateMoves(parts as never);
  const unit = { epoch: 2, writer: 'A', mode: 'database' };
  const units = { a1: unit, b1: unit };
  for (; nowMs <= BEGAN_MS + 60 * MINUTE_MS; nowMs += 10_000) {
    await expect(late.sweep('A', { units } as never)).rejects.toThrow('the arbiter is away');
    if (asked.length > 0) looks.push((nowMs - BEGAN_MS) / MINUTE_MS);
    asked.length = 0;
  }
  expect(looks).toEqual([1, 5, 15]);
});
